"""What is taken home says the same as the app: ONNX, the script, the archive; names of classes are data."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from PIL import Image

from core import networks
from core.jobs import Tick
from core.networks.building import shapes_of, skeleton
from core.photo import Photo
from core.receptive_field.weightless import Weightless
from core.snippets import transfer as snippets
from core.transfer.export import Package, classify_script, pack, to_onnx
from core.transfer.recipe import Recipe
from core.transfer.samples import PhotoSet
from core.transfer.significance import wilson
from core.transfer.squares import square
from core.transfer.steps import Trained
from core.transfer.training import fine_tune
from pages.networks.transfer_settings import NETWORKS
from tests.core.transfer_sets import coloured_set, parted

NASTY = ('it\'s "red"', "back\\slash ${x} кот", "__import__('os').system('touch x')")


@pytest.fixture(scope="module")
def trained() -> Trained:
    photos = coloured_set()
    named = PhotoSet(NASTY, photos.samples)
    found = list(fine_tune(named, parted(named, 15, 5), Recipe(size_px=48, epochs=3)))[-1]
    assert isinstance(found, Trained)
    return found


@pytest.fixture(scope="module")
def files(trained: Trained) -> dict[str, bytes]:
    steps = list(pack(trained.weights, "What it is."))
    assert all(isinstance(step, Tick) for step in steps[:-1])
    assert isinstance(steps[-1], Package)
    with zipfile.ZipFile(io.BytesIO(steps[-1].data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def photos() -> list[Photo]:
    dice = np.random.default_rng(3)
    return [
        Photo.of(dice.integers(0, 255, (*hw, 3)).astype(np.uint8)) for hw in ((40, 60), (48, 48), (90, 50))
    ]


def said_by_the_app(trained: Trained) -> list[list[float]]:
    name = networks.bring(trained.weights, "tf_efficientnet_lite0", 3, trained.classes)
    try:
        answers = [dict(networks.classify(name, photo, top=3)) for photo in photos()]
    finally:
        networks.let_go(name)
    return [[each[name] for name in trained.classes] for each in answers]


def test_the_archive_holds_what_it_says(trained: Trained, files: dict[str, bytes]) -> None:
    assert list(files) == ["network.safetensors", "network.onnx", "classify.py", "README.txt"]
    assert files["network.safetensors"] == trained.weights
    assert files["README.txt"] == b"What it is."


def test_onnx_says_the_same(trained: Trained, files: dict[str, bytes]) -> None:
    name = networks.bring(trained.weights, "tf_efficientnet_lite0", 3, trained.classes)
    how = networks.record(name).preprocessing
    networks.let_go(name)
    running = onnxruntime.InferenceSession(files["network.onnx"])
    pixels = np.stack([square(photo.pixels, how) for photo in photos()])  # [3, 48, 48, 3]
    (shares,) = running.run(None, {"pixels": pixels})
    np.testing.assert_allclose(shares, said_by_the_app(trained), atol=1e-4)
    (one,) = running.run(None, {"pixels": pixels[:1]})
    np.testing.assert_allclose(one, shares[:1], atol=1e-5)


def test_the_script_sorts_a_folder(trained: Trained, files: dict[str, bytes], tmp_path: Path) -> None:
    for name in ("network.safetensors", "classify.py"):
        (tmp_path / name).write_bytes(files[name])
    folder = tmp_path / "photos"
    folder.mkdir()
    for i, photo in enumerate(photos()):
        Image.fromarray(photo.pixels).save(folder / f"{i}.png")
    (folder / "note.txt").write_text("no picture")
    done = subprocess.run(
        [sys.executable, "classify.py", "photos"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "", "PYTHONIOENCODING": "utf-8", "OMP_NUM_THREADS": "1"},
    )
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    for (name, said, share), wanted, i in zip(rows, said_by_the_app(trained), range(3), strict=True):
        assert (name, said) == (f"{i}.png", trained.classes[int(np.argmax(wanted))])
        assert float(share) == pytest.approx(max(wanted), abs=1e-4)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "classify.py",
        "network.safetensors",
        "photos",
    ]


@pytest.mark.parametrize("name", NETWORKS)
def test_the_script_builds_the_network_of_the_file(name: str) -> None:
    """The line that builds it is run on its own, with shapes and no values."""
    import timm
    import torchvision

    known = networks.record(name)
    script = classify_script(known, known.preprocessing, ("a", "b", "c"))
    (line,) = [line for line in script.splitlines() if line.startswith("network = ")]
    space = {"timm": timm, "torchvision": torchvision, "CLASSES": [0, 1, 2]}
    with Weightless():
        exec(line, space)
    built = {key: tuple(value.shape) for key, value in space["network"].state_dict().items()}
    assert built == shapes_of(skeleton(known.architecture, classes=3).state_dict())


def test_a_file_without_its_label_is_refused() -> None:
    with pytest.raises(ValueError, match="without its label"):
        to_onnx(b"nothing")


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(),
        Recipe(approach="tune", stages=2, optimiser="SGD"),
        Recipe(approach="scratch", optimiser="RMSprop", label_smoothing=0.1),
    ],
    ids=["head", "tune", "scratch"],
)
def test_the_training_snippet_trains(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    import torchvision

    build = torchvision.models.mobilenet_v3_small
    monkeypatch.setattr(
        torchvision.models, "mobilenet_v3_small", lambda weights: build(weights=None)
    )  # offline
    space: dict = {}
    exec(snippets.training(recipe, ("a'b", "c")), space)
    network = space["network"]
    head = sum(each.numel() for each in network.classifier[-1].parameters())
    last = sum(each.numel() for part in network.features[-2:] for each in part.parameters())
    whole = sum(each.numel() for each in network.features.parameters())
    assert (
        space["result"] == {"features": head, "tune": head + last, "scratch": head + whole}[recipe.approach]
    )
    assert space["classes"] == ["a'b", "c"]


def test_the_other_snippets_give_the_numbers() -> None:
    space: dict = {}
    exec(snippets.wilson(18, 20), space)
    assert space["result"] == pytest.approx(wilson(18, 20), abs=1e-6)
    exec(snippets.frozen_statistics(), space)
    assert space["result"] == pytest.approx([2 * (1 - 0.9**10), 0.0])
