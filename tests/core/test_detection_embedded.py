"""What the embedded detector finds, and which files are refused as detectors."""

import copy
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from core import networks
from core.bundled import bundled
from core.detection import detector
from core.detection.detector import EMBEDDED, YOLOX, candidates, class_names, look
from core.detection.embedded import CHANNELS, EmbeddedDetector, Head, Pyramid
from core.detection.embedded_file import FILE, embedded_detector, fresh, save
from core.networks import WeightsMissing, store

WEIGHTS = Path(__file__).parents[3] / "shared" / "weights"
needs_yolox = pytest.mark.skipif(
    not (WEIGHTS / "yolox_nano.onnx").is_file(), reason="YOLOX-Nano is not in ../shared/weights"
)


@pytest.mark.parametrize(
    ("photo", "thing"), [("Cat", "cat"), ("Astronaut", "person"), ("Photographer", "person")]
)
def test_it_finds_what_is_on_the_photo(photo: str, thing: str) -> None:
    found = candidates(look(bundled(photo).pixels), 0.5)
    assert class_names()[found.labels[0]] == thing
    box, (height, width) = found.boxes[0], bundled(photo).pixels.shape[:2]
    assert (box[2] - box[0]) * (box[3] - box[1]) > 0.15 * width * height


@pytest.mark.parametrize("photo", ["Bricks", "Grass", "Deep field"])
def test_it_finds_nothing_where_nothing_is(photo: str) -> None:
    assert not len(candidates(look(bundled(photo).pixels), 0.3).scores)


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((1, 1, 3), np.uint8), np.zeros((300, 400, 3), np.uint8), np.full((20, 3000, 3), 255, np.uint8)],
    ids=["one pixel", "black", "strip"],
)
def test_odd_photos_have_no_objects(pixels: np.ndarray) -> None:
    assert not len(candidates(look(pixels), 0.3).scores)


def test_its_size_is_within_the_bounds() -> None:
    parts = embedded_detector()
    learned = sum(each.numel() for module in (parts.pyramid, parts.heads) for each in module.parameters())
    assert learned <= 1_500_000
    assert FILE.stat().st_size <= 10_000_000


def test_the_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    save(embedded_detector(), tmp_path / "again.safetensors")
    again, here = fresh(tmp_path / "again.safetensors").state_dict(), embedded_detector().state_dict()
    assert all(torch.equal(again[name], each) for name, each in here.items() if each.is_floating_point())


def test_a_file_of_another_network_is_refused(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"x": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match="another network"):
        fresh(tmp_path / "other.safetensors")


def test_shapes_of_pyramid_and_head() -> None:
    maps = [torch.zeros(2, channels, side, side) for channels, side in zip(CHANNELS, (8, 4, 2), strict=True)]
    out = Pyramid(16)(maps)
    assert [tuple(each.shape) for each in out] == [(2, 16, 8, 8), (2, 16, 4, 4), (2, 16, 2, 2)]
    assert Head(16)(out[0]).shape == (2, 64, 85)


def test_a_start_comes_from_its_generator_alone() -> None:
    def drawn(seed: int) -> torch.Tensor:
        with torch.random.fork_rng():
            detector = EmbeddedDetector(copy.deepcopy(networks.load(networks.DEFAULT, "untrained")), width=16)
            detector.draw(torch.Generator().manual_seed(seed))
        return torch.cat([each.flatten() for each in detector.pyramid.parameters()])

    assert torch.equal(drawn(1), drawn(1))
    assert not torch.equal(drawn(1), drawn(2))


def test_another_name_is_refused() -> None:
    with pytest.raises(ValueError, match="embedded, yolox_nano"):
        look(bundled("Cat").pixels, "yolov99")


def test_without_its_file_yolox_says_where_to_put_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONVNET_EXPLORER_WEIGHTS", str(tmp_path))
    monkeypatch.setattr(store, "cache_folder", lambda: tmp_path)
    assert not detector.is_here(YOLOX)
    assert detector.is_here(EMBEDDED)
    with pytest.raises(
        WeightsMissing, match=r"YOLOX-Nano \(4 MB\) are not on this computer: .* fetch yolox_nano"
    ):
        look(bundled("Cat").pixels, YOLOX)


def identity(folder: Path, shape: list[int]) -> None:
    """An ONNX file that gives what it takes."""
    from onnx import TensorProto, helper, save_model

    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", values[:1], values[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    save_model(model, folder / "yolox_nano.onnx")


def test_files_that_are_no_detector_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONVNET_EXPLORER_WEIGHTS", str(tmp_path))
    (tmp_path / "yolox_nano.onnx").write_bytes(b"not a network")
    with pytest.raises(ValueError, match="not an ONNX file"):
        look(bundled("Cat").pixels, YOLOX)
    identity(tmp_path, [1, 3, 416, 416])
    with pytest.raises(ValueError, match=r"gives \[\[1, 3, 416, 416\]\]"):
        look(bundled("Cat").pixels, YOLOX)


@needs_yolox
def test_yolox_sees_the_cat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVNET_EXPLORER_WEIGHTS", str(WEIGHTS))
    found = candidates(look(bundled("Cat").pixels, YOLOX), 0.3)
    assert class_names()[found.labels[0]] == "cat"


def constant(folder: Path, name: str, side: int, raw: np.ndarray) -> None:
    """An ONNX file that takes a square and always says the same."""
    from onnx import TensorProto, helper, numpy_helper, save_model

    takes = helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, side, side])
    gives = helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, *raw.shape])
    nodes = [
        helper.make_node("ReduceMax", ["images"], ["most"], keepdims=0),
        helper.make_node("Mul", ["most", "none"], ["nothing"]),
        helper.make_node("Add", ["raw", "nothing"], ["output"]),
    ]
    values = [
        numpy_helper.from_array(raw[None], "raw"),
        numpy_helper.from_array(np.zeros((), np.float32), "none"),
    ]
    graph = helper.make_graph(nodes, "g", [takes], [gives], values)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    save_model(model, folder / name)


def test_a_larger_one_has_a_larger_square(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """YOLOX-S looks at 640 pixels: 8,400 cells, and the letterbox is undone with its own scale."""
    raw = np.zeros((8400, 85), np.float32)
    cell = 80 * 80 + 40 * 40 + 7 * 20 + 3  # column 3, row 7 of stride 32
    raw[cell, :5] = 0.5, 0.5, math.log(2), math.log(4), 0.9
    raw[cell, 5 + 15] = 0.8
    monkeypatch.setenv("CONVNET_EXPLORER_WEIGHTS", str(tmp_path))
    constant(tmp_path, "yolox_s.onnx", 640, raw)
    photo = np.zeros((1280, 1000, 3), np.uint8)
    seen = look(photo, "yolox_s")
    assert seen.side == 640
    assert seen.cell_at(32, 3, 7) == cell
    assert seen.score_map(32, "score")[7, 3] == pytest.approx(0.72)
    found = candidates(seen, 0.5)
    np.testing.assert_allclose(
        found.boxes, [[160, 352, 288, 608]], rtol=1e-6
    )  # 112 +- 32, 240 +- 64, doubled
    assert (found.labels.tolist(), found.scores[0]) == ([15], pytest.approx(0.72))
