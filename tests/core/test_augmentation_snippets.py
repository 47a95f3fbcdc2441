"""The code to take home runs, for every transform, and does what the chain does where nothing is left to chance."""

import os
import warnings

import numpy as np
import pytest
import torch

from core.augmentation import CATALOGUE, NAMES, Chain, OneOf, Step, apply, draw_variant, result_hw, transform
from core.bundled import bundled
from core.snippets.augmentation import albumentations_code, torchvision_code

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
PHOTO = bundled("Cat").pixels
HW = PHOTO.shape[:2]
MIXES = [name for name in NAMES if transform(name).kind == "mix"]


def by_torchvision(chain):
    names = {"photo": torch.from_numpy(PHOTO.copy()).permute(2, 0, 1)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of torchvision's JPEG
        exec(compile(torchvision_code(chain), "snippet", "exec"), names)
    return names["result"].permute(1, 2, 0).numpy()


def by_albumentations(chain):
    names = {"photo": PHOTO.copy()}
    exec(compile(albumentations_code(chain), "snippet", "exec"), names)
    return names["result"]


@pytest.mark.parametrize("run", [by_torchvision, by_albumentations])
@pytest.mark.parametrize("name", NAMES)
def test_every_transform_runs_alone_with_a_probability_and_in_a_group(name, run):
    for chain in (
        Chain((Step(name),)),
        Chain((Step(name, probability=0.5), Step("resize", 64, 64)), border="edge", fill=30),
        Chain((OneOf((Step(name), Step("flip")), 0.7),), interpolation="nearest"),
    ):
        found = run(chain)
        assert found.dtype == np.uint8 and found.ndim == 3 and found.shape[2] == 3


@pytest.mark.parametrize("run", [by_torchvision, by_albumentations])
def test_an_empty_chain_runs(run):
    assert np.array_equal(run(Chain()), PHOTO)


SURE = {
    "zoom": 1.3,
    "rotate": 20,
    "contrast": 1.4,
    "flip": 1,
    "flip_vertical": 1,
    "shear_x": 15,
    "shear_y": -10,
    "translate_x": 0.2,
    "translate_y": -0.1,
    "brightness": 0.7,
    "saturation": 1.8,
    "hue": 40,
    "gamma": 1.6,
    "greyscale": 1,
    "posterize": 4,
    "solarize": 120,
    "equalize": 1,
    "autocontrast": 1,
    "invert": 1,
    "sharpness": 2,
    "blur": 2,
    "jpeg": 60,
    "resize": 150,
}


@pytest.mark.parametrize("run", [by_torchvision, by_albumentations])
@pytest.mark.parametrize("name", SURE)
def test_a_sure_step_gives_the_same_picture(name, run):
    if run is by_albumentations and name == "sharpness":
        assert "not in Albumentations" in albumentations_code(Chain((Step(name),)))
        return
    chain = Chain((Step(name, SURE[name], SURE[name]),))
    step = draw_variant(chain, HW, 0, 0)
    found = run(chain).astype(int)
    assert found.shape[:2] == pytest.approx(result_hw(step), abs=1)  # torchvision rounds the longer side down
    if name != "resize":
        mine = apply(step, PHOTO).astype(int)
        assert np.abs(found - mine).mean() < 2.6


def test_crops_have_the_share_and_size():
    found = by_torchvision(Chain((Step("crop", 0.25, 0.25),)))
    assert found.shape[0] * found.shape[1] == pytest.approx(0.25 * HW[0] * HW[1], rel=0.02)
    for run in (by_torchvision, by_albumentations):
        assert run(Chain((Step("resized_crop", options={"size": 96}),))).shape == (96, 96, 3)


def test_mixes_and_borders_are_named():
    for name in MIXES:
        assert f"v2.{CATALOGUE[name].title}(alpha=1, num_classes=1000)" in torchvision_code(
            Chain((Step(name),))
        )
    assert 'not "reflect"' in torchvision_code(Chain(border="reflect"))
