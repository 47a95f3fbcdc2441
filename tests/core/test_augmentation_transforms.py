"""Every transform against torchvision and Albumentations 2.0.8 on the same parameters, and at its ends."""

import io
import os

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2 import functional as F

from core.augmentation import (
    CATALOGUE,
    NAMES,
    Chain,
    Step,
    apply,
    draw,
    fixed,
    result_hw,
    strengths,
    transform,
)
from core.augmentation.applying import reduced
from core.augmentation.geometry import stages
from core.bundled import bundled

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"

PHOTO = bundled("Cat").pixels  # [300, 451, 3]
HW = PHOTO.shape[:2]
BILINEAR = InterpolationMode.BILINEAR
ODD = {
    "one pixel": np.full((1, 1, 3), 77, np.uint8),
    "a column": np.arange(90, dtype=np.uint8).repeat(3).reshape(90, 1, 3),
    "grey": np.repeat(PHOTO[:, :, :1], 3, axis=2),
    "panorama": np.resize(PHOTO, (200, 4000, 3)),
}


def tensor(pixels=PHOTO):
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)


def pixels(found):
    return found.permute(1, 2, 0).numpy()


def ours(name, strength, options=(), photo=PHOTO, **settings):
    return apply(fixed(name, strength, photo.shape[:2], options, **settings), photo, photo[::-1])


def gap(first, second, rim=0):
    """Largest and mean difference in levels, without a rim of some pixels."""
    cut = slice(rim, -rim or None)
    differences = np.abs(first[cut, cut].astype(int) - second[cut, cut].astype(int))
    return differences.max(), differences.mean()


@pytest.mark.parametrize("name", [name for name in NAMES if transform(name).identity is not None])
@pytest.mark.parametrize("photo", [PHOTO, *ODD.values()], ids=["cat", *ODD])
def test_the_identity_strength_changes_no_pixel(name, photo):
    assert np.array_equal(ours(name, transform(name).identity, photo=photo), photo)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("photo", ODD.values(), ids=ODD)
def test_odd_photos_go_through_every_strength(name, photo):
    for strength in strengths(name, 3):
        step = fixed(name, strength, photo.shape[:2])
        found = apply(step, photo, PHOTO)
        assert found.dtype == np.uint8 and found.shape == (*result_hw(step), 3)
        assert not np.shares_memory(found, photo)


@pytest.mark.parametrize("name", NAMES)
def test_the_photo_itself_is_never_written_to(name):
    photo = PHOTO.copy()
    photo.setflags(write=False)
    apply(fixed(name, strengths(name, 3)[1], HW), photo, photo)
    assert np.array_equal(photo, PHOTO)


def test_an_empty_chain_gives_a_copy():
    found = apply(draw(Chain(), HW, np.random.default_rng(0)), PHOTO)
    assert np.array_equal(found, PHOTO) and not np.shares_memory(found, PHOTO)


@pytest.mark.parametrize("angle", [-170, -31.5, 10, 90, 123])
def test_rotation(angle):
    theirs = pixels(F.rotate(tensor(), angle, BILINEAR, fill=[0.0]))
    assert gap(ours("rotate", angle), theirs, rim=1) <= (90, 0.6)  # 90: the jagged rim
    inner = ours("rotate", angle, border="reflect")[130:170, 200:250]
    assert gap(inner, theirs[130:170, 200:250]) <= (3, 0.6)


@pytest.mark.parametrize(
    ("name", "strength", "theirs"),
    [
        ("zoom", 1.4, {"scale": 1.4}),
        ("translate_x", 0.1, {"translate": [0.1 * HW[1], 0]}),
        ("translate_y", -0.2, {"translate": [0, -0.2 * HW[0]]}),
        ("shear_x", 20, {"shear": [20.0, 0.0]}),
        ("shear_y", -15, {"shear": [0.0, -15.0]}),
    ],
)
def test_affine_steps(name, strength, theirs):
    settings = {"angle": 0.0, "translate": [0, 0], "scale": 1.0, "shear": [0.0, 0.0]} | theirs
    expected = pixels(F.affine(tensor(), interpolation=BILINEAR, **settings))
    assert gap(ours(name, strength)[100:200, 150:300], expected[100:200, 150:300]) <= (4, 0.6)


def test_flips_and_crops_are_exact():
    assert np.array_equal(ours("flip", 1), PHOTO[:, ::-1])
    assert np.array_equal(ours("flip_vertical", 1), PHOTO[::-1])
    step = fixed("crop", 0.3, HW, {"aspect": 2})
    left, top, right, bottom = step.steps[0]["box"]
    assert (right - left) * (bottom - top) == pytest.approx(0.3 * HW[0] * HW[1], rel=0.02)
    assert np.array_equal(apply(step, PHOTO), PHOTO[top:bottom, left:right])


@pytest.mark.parametrize("share", [0.9, 0.2])
def test_resized_crops_are_antialiased(share):
    big = bundled("Coffee").pixels
    step = fixed("resized_crop", share, big.shape[:2], {"size": 64})
    left, top, right, bottom = step.steps[0]["box"]
    expected = F.resized_crop(tensor(big), top, left, bottom - top, right - left, [64, 64], antialias=True)
    aliased = F.resized_crop(tensor(big), top, left, bottom - top, right - left, [64, 64], antialias=False)
    found = apply(step, big)
    assert gap(found, pixels(expected))[1] < 2.5 < gap(pixels(aliased), pixels(expected))[1]


def test_a_warp_that_shrinks_does_not_alias():
    board = np.indices((400, 400)).sum(axis=0) % 2 * np.uint8(255)
    board = np.repeat(board.astype(np.uint8)[..., None], 3, axis=2)
    shrunk = ours("zoom", 0.25, photo=board, border="reflect")[160:240, 160:240]
    assert abs(shrunk.mean() - 127.5) < 4 and shrunk.std() < 12


def test_perspective():
    step = fixed("perspective", 0.5, HW, seed=5)
    # torchvision's formula counts from the pixel's corner, but its list of corners ends at width - 1
    target = np.array(step.steps[0]["corners"]).reshape(4, 2).tolist()
    start = [[0, 0], [HW[1], 0], [HW[1], HW[0]], [0, HW[0]]]
    expected = pixels(F.perspective(tensor(), start, target, BILINEAR))
    assert gap(apply(step, PHOTO)[100:200, 150:300], expected[100:200, 150:300])[1] < 1


def test_elastic():
    step = fixed("elastic", 0.05, HW, seed=2)
    (stage,) = stages(step)
    across, down = stage.maps(HW)
    rows, columns = np.indices(HW)
    shift = np.stack([(across - columns) * 2 / HW[1], (down - rows) * 2 / HW[0]], axis=2)
    theirs = F.elastic(tensor(), torch.from_numpy(shift)[None].float(), BILINEAR)
    assert gap(apply(step, PHOTO), pixels(theirs), rim=20) <= (6, 0.6)


PHOTOMETRIC = [
    ("brightness", 1.7, lambda x: F.adjust_brightness(x, 1.7), 1),
    ("contrast", 0.4, lambda x: F.adjust_contrast(x, 0.4), 1),
    ("contrast", 2.5, lambda x: F.adjust_contrast(x, 2.5), 2),
    ("saturation", 2.2, lambda x: F.adjust_saturation(x, 2.2), 2),
    ("saturation", 0.3, lambda x: F.adjust_saturation(x, 0.3), 2),
    ("gamma", 0.6, lambda x: F.adjust_gamma(x, 0.6), 1),
    ("greyscale", 1, lambda x: F.rgb_to_grayscale(x, 3), 1),
    ("posterize", 3, lambda x: F.posterize(x, 3), 0),
    ("solarize", 100, lambda x: F.solarize(x, 100), 0),
    ("equalize", 1, F.equalize, 0),
    ("autocontrast", 1, F.autocontrast, 1),
    ("invert", 1, F.invert, 0),
    ("sharpness", 3, lambda x: F.adjust_sharpness(x, 3.0), 3),
    ("sharpness", 0.2, lambda x: F.adjust_sharpness(x, 0.2), 1),
    ("blur", 2, lambda x: F.gaussian_blur(x, [17, 17], [2.0, 2.0]), 1),
]


@pytest.mark.parametrize(
    ("name", "strength", "theirs", "levels"), PHOTOMETRIC, ids=lambda v: v if isinstance(v, str) else ""
)
@pytest.mark.parametrize("photo", [PHOTO, ODD["grey"]], ids=["colour", "grey"])
def test_values_as_torchvision_has_them(name, strength, theirs, levels, photo):
    assert gap(ours(name, strength, photo=photo), pixels(theirs(tensor(photo))))[0] <= levels


@pytest.mark.parametrize("turn", [-90, 18, 144])
def test_hue(turn):
    expected = pixels(F.adjust_hue(tensor(), turn / 360))
    assert gap(ours("hue", turn), expected)[1] < 1.5


def by_pillow(quality):
    """torchvision's own JPEG is deprecated since 0.29 and says so."""
    stream = io.BytesIO()
    Image.fromarray(PHOTO).save(stream, "JPEG", quality=quality)
    return np.asarray(Image.open(stream))


@pytest.mark.parametrize("quality", [5, 50, 95])
def test_jpeg(quality):
    assert gap(ours("jpeg", quality), by_pillow(quality))[1] < 0.6


def test_noise_has_its_deviation_and_comes_back():
    flat = np.full((200, 300, 3), 128, np.uint8)
    first = ours("noise", 20, photo=flat)
    assert first.std() == pytest.approx(20, rel=0.02) and first.mean() == pytest.approx(128, abs=0.3)
    assert np.array_equal(first, ours("noise", 20, photo=flat))
    assert not np.array_equal(first, ours("noise", 20, photo=flat, seed=1))


def test_erasing_paints_its_box():
    step = fixed("erasing", 0.25, HW, {"value": 9})
    left, top, right, bottom = step.steps[0]["box"]
    found = apply(step, PHOTO)
    assert (right - left) * (bottom - top) == pytest.approx(0.25 * HW[0] * HW[1], rel=0.02)
    assert (found[top:bottom, left:right] == 9).all()
    found[top:bottom, left:right] = PHOTO[top:bottom, left:right]
    assert np.array_equal(found, PHOTO)


STILL = {"brightness": 0, "contrast": 0, "saturation": 0, "hue": 0}


def albumented(step, **targets):
    import albumentations as A

    found = getattr(A, step[0])(p=1.0, **step[1])
    return A.Compose([found])(image=PHOTO, **targets)["image"]


@pytest.mark.parametrize(
    ("name", "strength", "theirs", "most", "mean"),
    [
        ("flip", 1, ("HorizontalFlip", {}), 0, 0),
        ("flip_vertical", 1, ("VerticalFlip", {}), 0, 0),
        ("rotate", 25, ("Rotate", {"limit": (25, 25)}), 255, 0.6),
        ("zoom", 1.5, ("Affine", {"scale": (1.5, 1.5)}), 255, 0.6),
        ("posterize", 4, ("Posterize", {"num_bits": 4}), 0, 0),
        ("invert", 1, ("InvertImg", {}), 0, 0),
        ("gamma", 1.5, ("RandomGamma", {"gamma_limit": (150, 150)}), 1, 0.6),
        ("brightness", 1.3, ("ColorJitter", STILL | {"brightness": (1.3, 1.3)}), 1, 0.6),
        ("contrast", 1.4, ("ColorJitter", STILL | {"contrast": (1.4, 1.4)}), 2, 0.8),
        ("saturation", 1.4, ("ColorJitter", STILL | {"saturation": (1.4, 1.4)}), 2, 0.6),
        ("hue", 36, ("ColorJitter", STILL | {"hue": (0.1, 0.1)}), 60, 2.5),
    ],
)  # fmt: skip
def test_albumentations_agrees(name, strength, theirs, most, mean):
    assert gap(ours(name, strength), albumented(theirs)) <= (most, mean)


def test_neighbouring_geometric_steps_become_one_warp_that_shows_the_same():
    chain = Chain(
        (Step("flip", 1, 1), Step("rotate", 20, 20), Step("zoom", 1.5, 1.5), Step("crop", 0.5, 0.5))
    )
    found = draw(chain, HW, np.random.default_rng(1))
    assert len(stages(found)) == 1
    stepwise, hw = PHOTO, HW
    for each in found.steps:
        single = type(found)(Chain(), hw, (each,))
        stepwise, hw = apply(single, stepwise), result_hw(single)
    assert gap(apply(found, PHOTO), stepwise, rim=2)[1] < 4  # one interpolation instead of two is sharper


def test_what_was_cut_away_does_not_come_back():
    chain = Chain((Step("crop", 0.2, 0.2), Step("zoom", 0.5, 0.5)))
    found = draw(chain, HW, np.random.default_rng(1))
    shown = apply(found, np.full_like(PHOTO, 200))
    assert len(stages(found)) == 2 and shown[0].max() == 0 and shown[shown.shape[0] // 2].max() == 200


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("jpeg", "noise", "equalize", "sharpness")])
def test_a_preview_is_the_variant_made_small(name):
    photo = bundled("Coffee").pixels
    small = reduced(photo, 300)
    kind = CATALOGUE[name]
    step = fixed(name, kind.default[1], photo.shape[:2], seed=3)
    full, preview = apply(step, photo, PHOTO), apply(step, small, PHOTO)
    assert preview.shape[:2] == result_hw(step, small.shape[:2])
    if name in ("trivialaugment", "autoaugment", "randaugment"):
        return
    if full.shape != preview.shape:
        full = apply(fixed("resize", min(preview.shape[:2]), full.shape[:2]), full)
    if full.shape == preview.shape:
        assert gap(full, preview)[1] < 5, name
