"""Recipes: every chain comes back equal; every bad file is one sentence that names the rule and what was found."""

import csv
import io
import time
import zipfile

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.augmentation import Chain, OneOf, Step, Targets, apply, draw_variant, follow
from core.augmentation.package import pack, plain_cell
from core.augmentation.recipe import RecipeError, from_yaml, to_yaml
from core.bundled import bundled
from tests.core.augmentation_strategy import chains

PHOTO = bundled("Cat").pixels


@given(chains())
@settings(max_examples=100, deadline=None)
def test_a_chain_comes_back_equal(chain):
    assert from_yaml(to_yaml(chain)) == chain
    assert from_yaml(to_yaml(chain).encode()) == chain


def test_a_recipe_by_hand():
    text = (
        "steps:\n- {transform: rotate, low: -5, high: 5}\n- one_of: [{transform: flip}, {transform: blur}]\n"
    )
    flip_or_blur = OneOf((Step("flip"), Step("blur")))
    assert from_yaml(text) == Chain((Step("rotate", -5, 5), flip_or_blur))
    assert from_yaml("{}") == Chain()


BAD = {
    "": "A recipe is a mapping of names to values, got None",
    "- 1": "A recipe is a mapping of names to values, got [1]",
    "just words": "got 'just words'",
    "steps: 5": "The steps of a recipe are a list, got 5",
    "format: 2": "The format of a recipe is 1, got 2",
    "colour: red": "A recipe has names among format, border, fill, interpolation, steps, got 'colour'",
    "border: wrap": "The border is one of constant, reflect, edge, got 'wrap'",
    "border: [1]": "got [1]",
    "fill: 300": "whole number from 0 to 255, got 300",
    "fill: true": "got True",
    "steps: [7]": "Step 1 is a mapping of names to values, got 7",
    "steps: [{low: 3}]": "Step 1 names a transform, got {'low': 3}",
    "steps: [{transform: rotat}]": "Step 1: A transform is one of",
    "steps: [{transform: [a]}]": "Step 1: A transform is one of",
    "steps: [{transform: rotate, low: -999}]": "low end of rotate is -180 to 180, got -999",
    "steps: [{transform: rotate, low: .nan}]": "got nan",
    "steps: [{transform: rotate, low: 5, high: 2}]": "at most its high end 2, got 5",
    "steps: [{transform: flip}, {transform: flip, probability: 2}]": "Step 2: The probability of flip is 0 to 1, got 2",
    "steps: [{transform: flip, probability: maybe}]": "got 'maybe'",
    "steps: [{transform: flip, strength: 2}]": "Step 1 has names among transform, low, high, probability, options",
    "steps: [{transform: flip, options: {size: 2}}]": "options of flip are none, got 'size'",
    "steps: [{transform: flip, options: 3}]": "The options of step 1 is a mapping",
    "steps: [{transform: resized_crop, options: {size: 99999}}]": "whole number from 1 to 1024, got 99999",
    "steps: [{one_of: []}]": "Step 1: A one-of group has 1 to 8 steps, got 0",
    "steps: [{one_of: 3}]": "a one-of group is a list of steps, got 3",
    "steps: [{one_of: [{one_of: []}]}]": "Step 1, choice 1 has names among",
    "steps: [{one_of: [{transform: flip, probability: 0}]}]": "weight above 0, got only zeros",
    "a: [": "A recipe is YAML, got a mistake in line",
    "a: &x 1\nb: *x": "A recipe has no YAML aliases, got *'x'",
    "[" * 50: "nested at most 12 deep, got more",
    "a: !!python/object/apply:os.system ['touch /tmp/aug_marker']": "A recipe is YAML, got a mistake",
    "? {a: 1}\n: 2": "got",
    "1: 2": "got 1",
    "\x00": "got",
    "fill: 2026-99-99T": "got '2026-99-99T'",
    "fill: 2026-13-45": "A recipe is YAML of plain texts and numbers",
}


@pytest.mark.parametrize("text", BAD)
def test_bad_recipes_are_one_sentence(text):
    with pytest.raises(RecipeError) as raised:
        from_yaml(text)
    assert BAD[text] in str(raised.value)
    assert "\n" not in str(raised.value) and len(str(raised.value)) < 500


def test_limits_come_before_work():
    for data, sentence in (
        (b"#" * 70_000, "at most 65,536 bytes, got 70,000"),
        (b"\xff\xfe", "UTF-8 text, got byte 255"),
        (("steps: [" + "{transform: flip}," * 21 + "]").encode(), "at most 20 steps, got 21"),
        (b"a: &a [x, x]\nb: &b [*a, *a]\n" * 100, "no YAML aliases"),
        (b"{" * 30_000, "nested at most 12 deep"),
    ):
        start = time.perf_counter()
        with pytest.raises(RecipeError, match=sentence):
            from_yaml(data)
        assert time.perf_counter() - start < 3


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
@settings(max_examples=150, deadline=None)
def test_no_file_raises_anything_else(data):
    try:
        from_yaml(data)
    except RecipeError as error:
        assert "\n" not in str(error)


def table(archive, name):
    return list(csv.DictReader(io.StringIO(archive.read(name).decode())))


def test_the_zip_holds_pictures_draws_and_boxes():
    mask = np.zeros(PHOTO.shape[:2], np.uint8)
    mask[50:200, 100:300] = 1
    eye = {"keypoints": ((150.5, 90.5),), "keypoint_names": ("left eye",)}
    targets = Targets(boxes=((100.0, 50.0, 300.0, 200.0),), names=("=cat()",), mask=mask, **eye)
    chain = Chain((Step("rotate"), Step("flip", probability=0.5), Step("randaugment")), "reflect")
    archive = zipfile.ZipFile(io.BytesIO(pack(chain, PHOTO, 3, 7, targets)))
    assert archive.testzip() is None
    assert sorted(archive.namelist()) == sorted(
        [*(f"{kind}_{i:03}.png" for i in range(3) for kind in ("variant", "mask")),
         "draws.csv", "boxes.csv", "keypoints.csv", "chain.yaml", "README.txt"]
    )  # fmt: skip
    assert from_yaml(archive.read("chain.yaml")) == chain
    for number in range(3):
        draw = draw_variant(chain, PHOTO.shape[:2], 7, number)
        written = cv2.imdecode(
            np.frombuffer(archive.read(f"variant_{number:03}.png"), np.uint8), cv2.IMREAD_COLOR
        )
        assert np.array_equal(written[..., ::-1], apply(draw, PHOTO))
        followed = follow(draw, targets)
        row = table(archive, "boxes.csv")[number]
        assert row["name"] == "'=cat()"
        edges = [float(row[key]) for key in ("left", "top", "right", "bottom")]
        assert edges == pytest.approx(followed.boxes[0].box, abs=1e-3)
        assert table(archive, "keypoints.csv")[number]["name"] == followed.keypoints[0].name
        rows = [row for row in table(archive, "draws.csv") if row["variant"] == str(number)]
        assert float(rows[0]["strength"]) == draw.steps[0].strength
        assert len(rows) == 3 + len(draw.steps[2].inner)
    assert pack(chain, PHOTO, 3, 7, targets) == pack(chain, PHOTO, 3, 7, targets)


def test_a_zip_with_a_second_photo_says_the_shares():
    archive = zipfile.ZipFile(
        io.BytesIO(pack(Chain((Step("mixup", 0.25, 0.25),)), PHOTO, 1, 0, second=PHOTO[::-1]))
    )
    assert "variant_000: 0.7500, 0.2500" in archive.read("README.txt").decode()
    assert "boxes.csv" not in archive.namelist()


def test_cells_are_no_formulas():
    assert [plain_cell(value) for value in ("=1+1", "+a", "-b", "@c", "d", -1.5)] == [
        "'=1+1",
        "'+a",
        "'-b",
        "'@c",
        "d",
        -1.5,
    ]


def test_limits_of_the_zip():
    with pytest.raises(ValueError, match="1 to 100 variants, got 101"):
        pack(Chain(), PHOTO, 101, 0)
    with pytest.raises(ValueError, match="at most 100,000,000 pixels together, got"):
        pack(Chain((Step("resize", 1024, 1024),)), PHOTO, 100, 0)
