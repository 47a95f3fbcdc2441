"""How the embedded detector is trained: teacher, views and loss against independent ones, and a run to its end."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torchvision.ops import generalized_box_iou_loss

from core.bundled import bundled
from core.detection import train_embedded
from core.detection.distillation import distillation, generalised
from core.detection.layout import cells
from core.detection.letterbox import letterbox
from core.detection.onnx_in_torch import OnnxNetwork
from core.detection.views import Views

TEACHER = Path(__file__).parents[3] / "shared" / "weights" / "yolox_nano.onnx"
needs_teacher = pytest.mark.skipif(not TEACHER.is_file(), reason="YOLOX-Nano is not in ../shared/weights")


@needs_teacher
def test_the_teacher_in_pytorch_says_what_onnx_runtime_says() -> None:
    import onnxruntime

    pictures = [letterbox(bundled(name).pixels).tensor for name in ("Cat", "Astronaut")]
    session = onnxruntime.InferenceSession(str(TEACHER), providers=["CPUExecutionProvider"])
    expected = [session.run(None, {"images": each})[0][0] for each in pictures]
    with torch.inference_mode():
        found = OnnxNetwork(TEACHER).eval()(torch.from_numpy(np.concatenate(pictures))).numpy()
    np.testing.assert_allclose(found, np.stack(expected), atol=2e-3)


def test_an_unknown_operator_is_named(tmp_path: Path) -> None:
    from onnx import TensorProto, helper, save_model

    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Erf", ["x"], ["y"])], "g", values[:1], values[1:])
    save_model(helper.make_model(graph), tmp_path / "erf.onnx")
    with pytest.raises(ValueError, match="the file holds Erf"):
        OnnxNetwork(tmp_path / "erf.onnx")


def test_giou_is_that_of_torchvision() -> None:
    torch.manual_seed(0)
    corners = torch.rand(200, 2, 2, 2).sort(dim=2).values.flatten(2) * 10  # [n, 2, 4]
    one, other = corners[:, 0], corners[:, 1]
    expected = 1 - generalized_box_iou_loss(one, other, reduction="none")
    torch.testing.assert_close(generalised(one, other), expected, atol=1e-5, rtol=1e-4)


def answers(seed: int) -> torch.Tensor:
    dice = torch.Generator().manual_seed(seed)
    places, shares = torch.randn(2, 84, 4, generator=dice), torch.rand(2, 84, 81, generator=dice)
    return torch.cat([places, shares], dim=-1)  # side 64: 64 + 16 + 4 cells


def test_the_loss_is_that_of_the_formula() -> None:
    student, teacher = answers(0), answers(1)
    student[..., 4:] = torch.logit(student[..., 4:].clamp(0.01, 0.99))
    parts = distillation(student, teacher, 64)
    objectness = classes = overlap = raw = total = 0.0
    place = torch.from_numpy(cells(64).copy())[:, :2]
    for picture in range(2):
        for cell in range(84):
            s, t = student[picture, cell], teacher[picture, cell]
            weight = float(t[4] * t[5:].max())
            total += weight
            entropy = -(t[4:] * torch.log(s[4:].sigmoid()) + (1 - t[4:]) * torch.log(1 - s[4:].sigmoid()))
            objectness += float(entropy[0])
            classes += weight * float(entropy[1:].sum())
            raw += weight * float((s[:4] - t[:4]).abs().sum())
            boxes = []
            for each in (s, t):
                middle, half = each[:2] + place[cell], each[2:4].exp() / 2
                boxes.append(torch.cat([middle - half, middle + half])[None])
            overlap += weight * float(generalized_box_iou_loss(*boxes, reduction="sum"))
    found = [float(each) for each in (parts.objectness, parts.classes, parts.overlap, parts.raw)]
    assert found == pytest.approx([each / total for each in (objectness, classes, overlap, raw)], rel=1e-4)
    assert float(parts.total) == pytest.approx(found[0] + found[1] + 5 * found[2] + found[3], rel=1e-5)


def test_a_plain_view_is_the_letterbox() -> None:
    photos = [bundled(name).pixels for name in ("Cat", "Flower")]
    views = Views(photos, torch.device("cpu"))
    for number, photo in enumerate(photos):
        expected = letterbox(photo).tensor[0]
        found = views.plain([number])[0].numpy()
        assert np.abs(found - expected).mean() < 3  # scaled in another way, by way of 512 pixels


def test_views_are_seeded_and_differ() -> None:
    photos = [bundled("Cat").pixels]
    one, two = (Views(photos, torch.device("cpu"), seed=3).batch([0], 4) for _ in range(2))
    assert one.shape == (4, 3, 416, 416)
    assert torch.equal(one, two)
    assert not torch.equal(one[2], one[3])
    assert (one.min() >= 0) and (one.max() <= 255)


class Nobody(torch.nn.Module):
    """A teacher that sees nothing."""

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return torch.zeros(len(pictures), 3549, 85)


@pytest.mark.slow
def test_a_run_writes_weights_and_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(4):
        cv2.imwrite(str(folder / f"{number}.png"), np.full((40, 60, 3), 60 * number, np.uint8))
    monkeypatch.setattr(train_embedded, "HELD_OUT", 2)
    monkeypatch.setattr(train_embedded, "_TRIED", (1, 2))
    monkeypatch.setattr(train_embedded, "OnnxNetwork", lambda _file: Nobody())
    out, log = tmp_path / "w.safetensors", tmp_path / "log.json"
    words = f"--photos {folder} --teacher none.onnx --out {out} --log {log} --minutes 0.02 --batch 2"
    train_embedded.main(words.split())
    told = json.loads(log.read_text())
    assert told["settings"]["photos_used"] == 2
    assert told["log"][-1]["update"] >= 2
    assert told["log"][-1]["held_out"] > 0
    assert out.stat().st_size > 5_000_000


def test_too_few_photos_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="more than 64 photos, got 1"):
        train_embedded.train([np.zeros((4, 4, 3), np.uint8)], None, None)  # type: ignore[arg-type]
