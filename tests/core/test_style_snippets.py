"""The script of a style transfer, executed, gives the picture that the app gave."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core import networks
from core.jobs import Tick
from core.snippets.style_steps import script
from core.style.frames import Styled
from core.style.pictures import style_picture
from core.style.recipe import Recipe
from core.style.stylize import stylize
from tests.core.test_style_climbing import pale
from tests.core.test_style_stylize import PHOTO, QUICK, STYLE, scene


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"like": False, "normalisation": "tutorial", "pooling": "max"},
        {"optimiser": "Adam", "start": "mix", "smoothness": 0.3, "normalisation": "johnson"},
        {"side": 192, "steps": 12, "style": (("relu1_1", 1.0),), "start": "noise"},
        {"side": 256, "steps": 6, "style": (("relu1_1", 1.0),), "pyramid": False},
        {"colours": "luminance"},
        {"colours": "matched"},
        {"colours": "histogram"},
    ],
    ids=["usual", "tutorial", "adam", "two sizes", "large", "luminance", "matched", "histogram"],
)
def test_it_repeats_the_run(change: dict) -> None:
    repeats(replace(QUICK, **change), PHOTO, (STYLE, scene(9)))


def test_it_repeats_a_run_that_was_led_astray() -> None:
    photo = pale()
    recipe = Recipe(weights="untrained", like=False, normalisation="tutorial", side=64, steps=12)
    styles = (style_picture("truchet"), style_picture("truchet"))
    seen = [
        each.seen.frame.total for each in stylize(photo, styles, recipe, (1.0, 0.5)) if isinstance(each, Tick)
    ]
    assert max(seen) > 2 * seen[0]
    repeats(recipe, photo, styles)


def repeats(recipe: Recipe, photo: np.ndarray, styles: tuple[np.ndarray, ...]) -> None:
    shares = (1.0, 0.5)
    how = networks.record(recipe.network).preprocessing
    code = script(recipe, how.mean, how.std, bgr=how.bgr, shares=shares)
    room = {
        "features": networks.load(recipe.network, "untrained").features,
        "photo": photo,
        "styles": list(styles),
    }
    exec(code, room)
    *_, done = stylize(photo, styles, recipe, shares)
    assert isinstance(done, Styled)
    assert torch.is_tensor(room["z"])
    apart = np.abs(room["result"].astype(int) - done.best.pixels)
    assert apart.mean() < 0.5  # of 255: a rounding of the seventh digit grows from step to step
