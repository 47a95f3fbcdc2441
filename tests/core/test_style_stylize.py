"""Style transfer step by step: slopes against differences, what is kept, what is refused, and where it stops."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.jobs import Tick
from core.style.colours import RGB_TO_YIQ, histogram_matched, keep_luminance, recoloured
from core.style.frames import Kept, Styled
from core.style.objective import Objective
from core.style.pixels import sized
from core.style.recipe import COLOURS, Recipe
from core.style.run import style_order
from core.style.stylize import stylize
from core.style.trunk import Trunk

QUICK = Recipe(
    weights="untrained",
    side=32,
    steps=15,
    style=(("relu1_1", 1.0), ("relu2_1", 1.0)),
    content=(("relu2_2", 1.0),),
)


def scene(seed: int, height: int = 40, width: int = 56) -> np.ndarray:
    dice = np.random.default_rng(seed)
    coarse = dice.integers(0, 256, (5, 7, 3)).astype(np.uint8)
    return np.kron(coarse, np.ones((height // 5, width // 7, 1))).astype(np.uint8)


PHOTO, STYLE = scene(1), scene(2, 70, 49)


def run(recipe: Recipe, photo: np.ndarray = PHOTO, styles: tuple = (STYLE,), **more) -> list:
    return list(stylize(photo, styles, recipe, **more))


def ended(steps: list) -> Styled:
    assert isinstance(steps[-1], Styled)
    return steps[-1]


@pytest.mark.parametrize("normalisation", ["gatys", "tutorial", "johnson"])
@pytest.mark.parametrize("masked", [False, True], ids=["everywhere", "masked"])
def test_the_slope_of_the_picture_is_right(normalisation: str, masked: bool) -> None:
    """Against central differences, in float64, at 12 numbers of the picture. Average pooling and ReLU have kinks, which
    a random picture does not meet."""
    recipe = replace(QUICK, normalisation=normalisation, smoothness=0.5, like=True)
    trunk = Trunk(recipe.network, {*recipe.content_layers, *recipe.style_layers}, weights="untrained")
    trunk = trunk_of_doubles(trunk)
    dice = torch.Generator().manual_seed(0)
    photo, style, picture = (torch.rand(1, 3, 12, 10, generator=dice, dtype=torch.float64) for _ in range(3))
    mask = torch.rand(1, 1, 12, 10, generator=dice, dtype=torch.float64) if masked else None
    objective = Objective(trunk, recipe, photo, [(style, 1.0)], mask)
    leaf = picture.clone().requires_grad_(True)
    slope = torch.autograd.grad(objective.total(leaf)[0], leaf)[0]
    step = 1e-6
    for index in range(0, picture.numel(), 30):
        up, down = picture.clone(), picture.clone()
        up.view(-1)[index] += step
        down.view(-1)[index] -= step
        difference = (objective.total(up)[0] - objective.total(down)[0]) / (2 * step)
        assert slope.view(-1)[index].item() == pytest.approx(difference.item(), rel=1e-4, abs=1e-7)


def trunk_of_doubles(trunk: Trunk) -> Trunk:
    """A trunk of its own in float64: the shared weights stay as they are."""
    import copy

    return copy.deepcopy(trunk).double()


@pytest.mark.parametrize("optimiser", ["L-BFGS", "Adam"])
@pytest.mark.parametrize("start", ["photo", "noise", "style", "mix"])
def test_the_loss_falls(optimiser: str, start: str) -> None:
    steps = run(replace(QUICK, optimiser=optimiser, start=start, pyramid=False))
    frames = [each.seen.frame for each in steps if isinstance(each, Tick)]
    assert ended(steps).best.total < 0.9 * frames[0].total
    assert ended(steps).best.total == min(frame.total for frame in frames)
    assert not ended(steps).stopped


def test_the_frames_tell_the_loss_of_their_own_picture() -> None:
    done = ended(run(QUICK))
    trunk = Trunk(QUICK.network, {*QUICK.content_layers, *QUICK.style_layers}, weights="untrained")
    from core.style.pixels import as_tensor

    objective = Objective(trunk, QUICK, as_tensor(sized(PHOTO, 32)), [(as_tensor(sized(STYLE, 32)), 1.0)])
    again = sum(part.weighted for part in objective.total(as_tensor(done.values))[1])
    assert done.best.total == pytest.approx(again, rel=1e-4)
    shown = (255 * done.values + 0.5).astype(np.uint8)
    np.testing.assert_array_equal(shown, done.best.pixels)


def test_the_same_seed_gives_the_same_picture() -> None:
    recipe = replace(QUICK, start="noise", seed=5)
    first, second = (ended(run(recipe)).best.pixels for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert (ended(run(replace(recipe, seed=6))).best.pixels != first).any()


def test_small_sizes_come_first() -> None:
    recipe = replace(QUICK, side=256, steps=40)
    assert recipe.levels == ((128, 20), (256, 20))
    assert replace(recipe, side=384).levels == ((96, 10), (192, 10), (384, 20))
    assert replace(recipe, side=64).levels == ((64, 40),)
    assert replace(recipe, pyramid=False).levels == ((256, 40),)
    assert sum(steps for _, steps in replace(recipe, side=512, steps=41).levels) == 41


def test_it_grows_and_the_work_left_is_counted_in_pixels() -> None:
    recipe = replace(QUICK, side=192, steps=12, style=(("relu1_1", 1.0),), content=(("relu1_2", 1.0),))
    ticks = [each for each in run(recipe) if isinstance(each, Tick)]
    assert {tick.seen.frame.side for tick in ticks} == {96, 192}
    assert ticks[-1].total == 6 * 6**2 + 6 * 12**2
    assert ticks[-1].done == ticks[-1].total
    assert [tick.done for tick in ticks] == sorted(tick.done for tick in ticks)


def test_it_stops_within_a_step_and_keeps_the_best() -> None:
    work = stylize(PHOTO, (STYLE,), replace(QUICK, steps=500))
    steps = [next(work)]
    while not isinstance(steps[-1], Tick):
        steps.append(next(work))
    steps.append(work.send(True))
    steps += list(work)
    assert [type(each) for each in steps[-2:]] == [Kept, Styled]
    assert ended(steps).stopped
    assert ended(steps).best.step < 20


def test_it_goes_on_with_other_faders() -> None:
    first = ended(run(QUICK))
    louder = replace(QUICK, style_weight=50.0)
    steps = run(louder, begin=first.values, before=(first.best,))
    frames = [each.seen.frame for each in steps if isinstance(each, Tick)]
    np.testing.assert_allclose(frames[0].pixels.astype(int), first.best.pixels.astype(int), atol=3)
    assert frames[0].step == first.best.step
    assert frames[0].seconds >= first.best.seconds


def test_outside_the_mask_the_photo_stays() -> None:
    mask = np.zeros(PHOTO.shape[:2], np.uint8)
    mask[:, : PHOTO.shape[1] // 2] = 255
    done = ended(run(QUICK, mask=mask)).best.pixels
    small = sized(PHOTO, 32)
    np.testing.assert_allclose(done[:, 18:].astype(int), small[:, 18:].astype(int), atol=1)
    assert np.abs(done[:, :14].astype(int) - small[:, :14]).max() > 5


def test_several_styles_are_one_target_between_them() -> None:
    other = scene(9)
    alone, both, other_only = (
        ended(run(QUICK, styles=styles, shares=shares)).best.pixels.astype(int)
        for styles, shares in (
            ((STYLE,), (1.0,)),
            ((STYLE, other), (1.0, 0.0)),
            ((STYLE, other), (0.0, 1.0)),
        )
    )
    np.testing.assert_array_equal(alone, both)
    assert (alone != other_only).any()


def test_alike_parts_pull_alike() -> None:
    trunk = Trunk(QUICK.network, {*QUICK.content_layers, *QUICK.style_layers}, weights="untrained")
    dice = torch.Generator().manual_seed(QUICK.seed)
    photo, style = torch.rand(2, 1, 3, 24, 24, generator=torch.Generator().manual_seed(1)).unbind()
    objective = Objective(trunk, QUICK, photo, [(style, 1.0)])
    between = (photo + torch.rand(photo.shape, generator=dice)) / 2
    assert [pull.share for pull in objective.pulls(between)] == pytest.approx([1 / 3] * 3, rel=1e-4)


@pytest.mark.parametrize(
    "photo",
    [np.zeros((1, 1, 3), np.uint8), np.full((30, 30, 3), 128, np.uint8), np.zeros((200, 4000, 3), np.uint8)],
    ids=["one pixel", "grey", "strip"],
)
@pytest.mark.parametrize("colours", COLOURS)
def test_odd_pictures_work(photo: np.ndarray, colours: str) -> None:
    recipe = replace(QUICK, colours=colours, steps=6)
    assert np.isfinite(ended(run(recipe, photo)).best.total)
    assert np.isfinite(ended(run(recipe, PHOTO, (photo,))).best.total)


def test_numbers_that_overflow_end_it_with_a_sentence_and_the_last_good_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recipe = replace(QUICK, optimiser="Adam", rate=1.0, style_weight=1e38, like=False, steps=50)
    with pytest.raises(ValueError, match="numbers overflowed at step"):
        run(recipe)
    calls = []

    def broken(self: Objective, picture: torch.Tensor) -> tuple:
        total, parts = whole(self, picture)
        calls.append(1)
        if len(calls) <= 12:
            return total, parts
        return total * float("nan"), tuple(replace(part, value=float("nan")) for part in parts)

    whole = Objective.total
    monkeypatch.setattr(Objective, "total", broken)
    steps = []
    with pytest.raises(ValueError, match="numbers overflowed at step"):
        for each in stylize(PHOTO, (STYLE,), QUICK):
            steps.append(each)
    assert isinstance(steps[0], Kept)
    assert np.isfinite(steps[-1].seen.frame.total)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": "end"}, "photo, noise, style, mix, got 'end'"),
        ({"optimiser": "SGD"}, "L-BFGS, Adam, got 'SGD'"),
        ({"style_weight": -1.0}, "A fader is 0 or more, got -1.0 for style"),
        ({"smoothness": float("nan")}, "A fader is 0 or more, got nan"),
        ({"steps": 0}, "Steps are 1 to 2,000"),
        ({"rate": 0.0}, "rate is above 0"),
        ({"content_weight": 0.0, "style_weight": 0.0}, "At least one fader"),
    ],
    ids=str,
)
def test_settings_that_cannot_be_are_refused(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(QUICK, **change)


def test_a_style_is_needed_where_one_is_asked_for() -> None:
    with pytest.raises(ValueError, match="at least one style picture"):
        run(QUICK, styles=(), shares=())
    with pytest.raises(ValueError, match="at most 3 styles and a share for each, got 4 and 4"):
        style_order(PHOTO, (STYLE,) * 4, QUICK)


def test_the_photo_s_colours_are_kept() -> None:
    done = keep_luminance(STYLE[:40, :49], PHOTO[:40, :49])
    turned = done @ RGB_TO_YIQ.T
    inside = ((done > 0) & (done < 255)).all(axis=2)
    assert inside.any()
    np.testing.assert_allclose(turned[inside][:, 0], (STYLE[:40, :49] @ RGB_TO_YIQ.T)[inside][:, 0], atol=1.5)
    np.testing.assert_allclose(
        turned[inside][:, 1:], (PHOTO[:40, :49] @ RGB_TO_YIQ.T)[inside][:, 1:], atol=1.5
    )
    with pytest.raises(ValueError, match="one size"):
        keep_luminance(STYLE, PHOTO)


def test_a_recoloured_style_has_the_photo_s_moments() -> None:
    dice = np.random.default_rng(0)
    photo = (dice.normal(120, 12, (60, 60, 3)) @ np.array([[1, 0.2, 0], [0, 1, 0.1], [0, 0, 0.8]])).clip(
        0, 255
    )
    style = dice.normal(130, 20, (50, 70, 3)).clip(0, 255)
    photo, style = photo.astype(np.uint8), style.astype(np.uint8)
    found = recoloured(style, photo).reshape(-1, 3)
    np.testing.assert_allclose(found.mean(0), photo.reshape(-1, 3).mean(0), atol=1)
    np.testing.assert_allclose(np.cov(found.T), np.cov(photo.reshape(-1, 3).T), rtol=0.05, atol=3)


def test_a_histogram_is_matched_value_by_value() -> None:
    """As many positions as the photo has: each channel's sorted values are the photo's own."""
    dice = np.random.default_rng(3)
    photo = dice.integers(0, 256, (24, 20, 3)).astype(np.uint8)
    style = (
        np.stack([dice.permutation(480) % 256 for _ in range(3)], axis=-1).reshape(20, 24, 3).astype(np.uint8)
    )
    found = histogram_matched(style, photo)
    for channel in range(3):
        gap = np.sort(found[..., channel].ravel()).astype(int) - np.sort(photo[..., channel].ravel())
        assert np.abs(gap).mean() < 2
    order = np.argsort(style[..., 0].ravel(), kind="stable")
    assert (np.diff(found[..., 0].ravel()[order].astype(int)) >= 0).all()


def test_the_end_tells_who_pulls_at_its_picture() -> None:
    """Against an objective of its own, at the picture that was handed out."""
    from core.style.pixels import as_tensor

    done = ended(run(QUICK))
    trunk = Trunk(QUICK.network, {*QUICK.content_layers, *QUICK.style_layers}, weights="untrained")
    objective = Objective(trunk, QUICK, as_tensor(sized(PHOTO, 32)), [(as_tensor(sized(STYLE, 32)), 1.0)])
    wanted = objective.pulls(as_tensor(done.values))
    assert [pull.name for pull in done.pulls] == [pull.name for pull in wanted]
    np.testing.assert_allclose(
        [pull.share for pull in done.pulls], [pull.share for pull in wanted], rtol=1e-3
    )


def test_large_pictures_come_look_by_look() -> None:
    recipe = replace(
        QUICK, side=256, steps=4, style=(("relu1_1", 1.0),), content=(("relu1_2", 1.0),), pyramid=False
    )
    steps = [each.seen.frame.step for each in run(recipe) if isinstance(each, Tick)]
    assert steps == [0, 1, 2, 3, 4]
