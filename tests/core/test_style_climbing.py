"""The optimiser's side: the first step is long enough to learn from, and a start where the loss bends down is left."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.jobs import Tick
from core.style.climbing import Climb
from core.style.objective import Objective
from core.style.pictures import style_picture
from core.style.pixels import as_tensor, sized
from core.style.recipe import Recipe
from core.style.stylize import stylize
from core.style.trunk import Trunk

BARE = Recipe(weights="untrained", like=False, side=64, steps=20, pyramid=False)


def pale(height: int = 64, width: int = 64) -> np.ndarray:
    """Grey with a little noise: its Gram matrix is far smaller than a style's."""
    noise = np.random.default_rng(0).normal(0, 8, (height, width, 3))
    return np.clip(128 + noise, 0, 255).astype(np.uint8)


def totals(recipe: Recipe, photo: np.ndarray, style: np.ndarray) -> list[float]:
    return [each.seen.frame.total for each in stylize(photo, (style,), recipe) if isinstance(each, Tick)]


@pytest.mark.parametrize("style", ["glass", "truchet"])
@pytest.mark.parametrize(
    ("normalisation", "beta"), [("tutorial", 1e3), ("tutorial", 1e4), ("johnson", 1e2), ("johnson", 1e4)]
)
def test_a_pale_photo_takes_on_a_style(normalisation: str, beta: float, style: str) -> None:
    """There the loss bends down: an L-BFGS whose first slope is as short as 1 / loss is left with 99 % of it."""
    recipe = replace(BARE, normalisation=normalisation, style_weight=beta)  # type: ignore[arg-type]
    found = totals(recipe, pale(), style_picture(style))
    assert min(found) < 0.05 * found[0]


def test_a_step_that_leads_astray_is_taken_back() -> None:
    """Here the second look sees seven times the first loss; from there L-BFGS did not come back in 20 looks."""
    found = totals(replace(BARE, normalisation="tutorial"), pale(), style_picture("truchet"))
    worst = found.index(max(found))
    assert found[worst] > 2 * found[0]
    assert found[worst + 1] == pytest.approx(min(found[: worst + 1]), rel=1e-4)
    assert found[-1] == min(found) < 0.5 * found[0]


def climb_of(
    optimiser: str = "L-BFGS", scale: float = 1.0, *, gentle: bool = False
) -> tuple[Climb, torch.Tensor]:
    recipe = replace(BARE, content_weight=scale, style_weight=scale, optimiser=optimiser)  # type: ignore[arg-type]
    trunk = Trunk(recipe.network, {*recipe.content_layers, *recipe.style_layers}, weights="untrained").cpu()
    photo, style = (as_tensor(sized(each, 32)) for each in (pale(), style_picture("glass")))
    return Climb(Objective(trunk, recipe, photo, [(style, 1.0)]), photo, recipe, gentle=gentle), photo


@pytest.mark.parametrize(("gentle", "length"), [(False, 0.1), (True, 0.1 / 16)], ids=["usual", "gentle"])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_first_step_is_as_long_however_large_the_loss(scale: float, gentle: bool, length: float) -> None:
    climb, _ = climb_of(scale=scale, gentle=gentle)
    before = torch.asin(2 * climb.picture().detach() - 1)
    _, looks = climb.go(5)
    assert looks == 1
    # an angle that leaves [-pi/2, pi/2] comes back as its mirror image; from grey, 0.1 on average, none gets there
    after = torch.asin(2 * climb.picture().detach() - 1)
    assert float((after - before).abs().mean()) == pytest.approx(length, rel=1e-3)


def test_then_it_looks_as_often_as_it_is_told() -> None:
    climb, _ = climb_of()
    assert [climb.go(looks)[1] for looks in (5, 5, 2, 5)] == [1, 5, 2, 5]


def test_after_a_new_beginning_the_first_step_is_alone_again() -> None:
    climb, photo = climb_of()
    climb.go(5)
    climb.go(5)
    climb.begin_again(photo)
    torch.testing.assert_close(climb.picture().detach(), photo.contiguous(), atol=1e-5, rtol=0)
    assert [climb.go(looks)[1] for looks in (5, 5)] == [1, 5]


def test_adam_looks_as_often_as_it_is_told_from_the_start() -> None:
    climb, _ = climb_of("Adam")
    assert [climb.go(looks)[1] for looks in (5, 3)] == [5, 3]
