"""The bundled sets: the pixels are those of the packages, the same every time, and nothing is fetched."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from sklearn.datasets import load_digits

from core.transfer.bundled_sets import DEFAULT, PATCH_PX, SETS, bundled_set

ROOT = Path(__file__).parents[2]
OFFLINE = """
import socket, sys
sys.path.insert(0, sys.argv[1])
def no(*_, **__):
    raise AssertionError("the network was asked")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = no
from core.transfer.bundled_sets import SETS, bundled_set
print(*(bundled_set(name, known.most).digest for name, known in SETS.items()))
print([name for name in ("torch", "pooch", "streamlit") if name in sys.modules])
"""


@pytest.mark.parametrize("name", SETS)
def test_sizes_are_as_said(name: str) -> None:
    known = SETS[name]
    for each in (0, 2, known.most):
        found = bundled_set(name, each)
        assert found.classes == known.classes
        assert found.counts == (each or known.usual,) * len(known.classes)
        assert {sample.photo.pixels.shape for sample in found.samples} == {(known.side_px, known.side_px, 3)}
        assert len({sample.photo.digest for sample in found.samples}) == len(found.samples)
        assert len({sample.photo.name for sample in found.samples}) == len(found.samples)


@pytest.mark.parametrize("name", SETS)
def test_a_smaller_set_is_part_of_a_larger_one(name: str) -> None:
    small, large = (
        {(sample.photo.digest, sample.label) for sample in bundled_set(name, each).samples}
        for each in (5, 20)
    )
    assert small < large


def test_textures_are_patches_that_do_not_overlap() -> None:
    found = bundled_set("textures", SETS["textures"].most)
    for label, name in enumerate(("brick", "grass", "gravel")):
        whole = getattr(skimage.data, name)()
        places = {}
        for top in range(0, 512, PATCH_PX):
            for left in range(0, 512, PATCH_PX):
                places[whole[top : top + PATCH_PX, left : left + PATCH_PX].tobytes()] = (top, left)
        own = [sample.photo.pixels for sample in found.samples if sample.label == label]
        assert len({places[pixels[..., 0].tobytes()] for pixels in own}) == len(own)


@pytest.mark.parametrize("name", SETS)
def test_colour_gives_nothing_away(name: str) -> None:
    for sample in bundled_set(name).samples:
        assert (sample.photo.pixels == sample.photo.pixels[..., :1]).all()


def test_faces_are_those_of_the_package() -> None:
    values = skimage.data.lfw_subset()
    found = bundled_set("faces", 100)
    for number in (0, 57, 99, 100, 163, 199):
        assert (
            np.abs(found.samples[number].photo.pixels[..., 0] / 255 - values[number]).max()
            <= 0.5 / 255 + 1e-9
        )


def test_digits_show_what_they_are_called() -> None:
    truth = load_digits()
    known = {
        image.astype(np.uint8).tobytes(): int(label)
        for image, label in zip(truth.images, truth.target, strict=True)
    }
    for sample in bundled_set("digits", 20).samples:
        values = np.rint(sample.photo.pixels[::4, ::4, 0] * (16 / 255)).astype(np.uint8)
        assert known[values.tobytes()] == sample.label


def test_nothing_is_fetched_and_every_process_has_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE, str(ROOT)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    digests, loaded = done.stdout.splitlines()
    assert digests.split() == [bundled_set(name, known.most).digest for name, known in SETS.items()]
    assert loaded == "[]"


def test_every_set_says_where_it_comes_from() -> None:
    assert DEFAULT in SETS
    for known in SETS.values():
        assert known.title and known.said.endswith(".") and "scikit" in known.source


WRONG = {
    "name": (("cats", 0), "one of textures, faces, digits, got 'cats'"),
    "too few": (("faces", 1), "2 to 100 photos of each class, got 1"),
    "too many": (("textures", 61), "2 to 60 photos of each class, got 61"),
}


@pytest.mark.parametrize(("given", "why"), WRONG.values(), ids=WRONG)
def test_what_must_not_be(given: tuple[str, int], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        bundled_set(*given)
