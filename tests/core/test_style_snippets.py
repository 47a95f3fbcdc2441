"""The script of a style transfer, executed, gives the picture that the app gave."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core import networks
from core.snippets.style_steps import script
from core.style.frames import Styled
from core.style.stylize import stylize
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
    recipe = replace(QUICK, **change)
    styles, shares = (STYLE, scene(9)), (1.0, 0.5)
    how = networks.record(recipe.network).preprocessing
    code = script(recipe, how.mean, how.std, bgr=how.bgr, shares=shares)
    room = {
        "features": networks.load(recipe.network, "untrained").features,
        "photo": PHOTO,
        "styles": list(styles),
    }
    exec(code, room)
    *_, done = stylize(PHOTO, styles, recipe, shares)
    assert isinstance(done, Styled)
    assert torch.is_tensor(room["z"])
    apart = np.abs(room["result"].astype(int) - done.best.pixels)
    assert apart.mean() < 0.5  # of 255: a rounding of the seventh digit grows from step to step
