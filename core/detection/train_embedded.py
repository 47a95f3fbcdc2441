"""`python -m core.detection.train_embedded --photos DIR --teacher FILE`: train the embedded detector again.

The photos need no labels: the teacher, a YOLOX in an ONNX file, says what it sees in each view, and the student learns
to say the same. Nothing of photos or teacher is kept but what the student has learned.
"""

import argparse
import copy
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from core import networks
from core.detection.distillation import Parts, distillation
from core.detection.embedded import EmbeddedDetector
from core.detection.embedded_file import fresh, save
from core.detection.layout import SIDE
from core.detection.onnx_in_torch import OnnxNetwork
from core.detection.views import Views
from core.jobs.device import best_device

HELD_OUT = 64
"""Photos that are never trained on: the log's second loss is measured on them."""
_WARM, _EMA, _DECAY, _CLIP = 0.05, 0.999, 0.05, 10.0
_TRIED = (25, 45)  # the updates between which the pace is measured: the first ones are slow
_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


def main(words: list[str] | None = None) -> None:
    """Read the settings, train, write the file and the log."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--photos", type=Path, required=True)
    asked.add_argument("--teacher", type=Path, required=True)
    asked.add_argument("--out", type=Path, default=Path("assets/weights/embedded_detector.safetensors"))
    asked.add_argument("--log", type=Path, default=Path("assets/weights/embedded_detector_training.json"))
    asked.add_argument("--go-on", type=Path, help="a file written before, to train further")
    asked.add_argument("--minutes", type=float, default=30.0, help="of training; the pace is measured first")
    asked.add_argument("--batch", type=int, default=128)
    asked.add_argument("--rate", type=float, default=2e-3, help="of pyramid and heads")
    asked.add_argument("--trunk-rate", type=float, default=0.4, help="of the trunk, in parts of the rate")
    asked.add_argument(
        "--frozen", type=int, default=3, help="blocks of the trunk that stay as they are, with the stem"
    )
    asked.add_argument("--seed", type=int, default=0)
    settings = asked.parse_args(words)
    photos = list(_photos(settings.photos))
    print(f"{len(photos)} photos", flush=True)
    trained, log = train(photos, OnnxNetwork(settings.teacher), settings)
    settings.out.parent.mkdir(parents=True, exist_ok=True)
    save(trained, settings.out)
    told = {key: str(each) if isinstance(each, Path) else each for key, each in vars(settings).items()}
    for name in ("photos", "teacher", "out", "log"):
        told[name] = Path(told[name]).name
    told |= {"photos_used": len(photos) - HELD_OUT, "device": str(best_device()), "torch": torch.__version__}
    settings.log.write_text(json.dumps({"settings": told, "log": log}, indent=1) + "\n")


def _photos(folder: Path) -> Iterator[np.ndarray]:
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in _SUFFIXES:
            found = cv2.imread(str(path), cv2.IMREAD_COLOR)
            if found is not None:
                yield found[:, :, ::-1]  # RGB


def train(
    photos: list[np.ndarray], teacher: OnnxNetwork, settings: argparse.Namespace
) -> tuple[EmbeddedDetector, list[dict[str, Any]]]:
    """The student after its training, averaged over the last updates, and what was measured on the way."""
    if len(photos) <= HELD_OUT:
        raise ValueError(f"Training takes more than {HELD_OUT} photos, got {len(photos)}.")
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    device = best_device()
    order = np.random.default_rng(0).permutation(len(photos))  # the same are held out whatever the seed
    held, used = order[:HELD_OUT].tolist(), order[HELD_OUT:].tolist()
    views = Views(photos, device, settings.seed)
    teacher = teacher.eval().requires_grad_(False).to(device, memory_format=torch.channels_last)
    if settings.go_on:
        student = fresh(settings.go_on)
    else:
        student = EmbeddedDetector(copy.deepcopy(networks.load(networks.DEFAULT, "trained")))
        student.draw(torch.Generator().manual_seed(settings.seed))
    student.requires_grad_(True)
    student = _partly_frozen(student.to(device, memory_format=torch.channels_last).train(), settings.frozen)
    average = copy.deepcopy(student).eval().requires_grad_(False)
    adam = _optimiser(student, settings)
    log: list[dict[str, Any]] = []
    began, total, update, since = time.monotonic(), 2000, 0, 0.0
    while update < total:
        if update == _TRIED[0]:
            _wait(device)
            since = time.monotonic()
        if update == _TRIED[1]:
            _wait(device)
            pace = (time.monotonic() - since) / (_TRIED[1] - _TRIED[0])
            total = max(update + 1, int((60 * settings.minutes - (time.monotonic() - began)) / pace))
            print(f"{pace:.3f} s an update, {total:,} updates", flush=True)
        for group in adam.param_groups:
            group["lr"] = group["times"] * settings.rate * _factor(update, total)
        pictures = views.batch(used, settings.batch)
        parts = _update(student, teacher, adam, pictures, device)
        _follow(average, student, min(_EMA, (1 + update) / (10 + update)))
        if update == 0 or update % 200 == 0 or update == total - 1:
            _wait(device)
            said = {
                "update": update,
                "seconds": round(time.monotonic() - began, 1),
                "views": update * settings.batch,
            }
            said |= {
                name: round(float(getattr(parts, name).detach()), 4) for name in ("total", *Parts.__slots__)
            }
            if update % 1000 == 0 or update == total - 1:
                said["held_out"] = round(_held_out(average, teacher, views, held, device), 4)
            log.append(said)
            print(json.dumps(said), flush=True)
        update += 1
    return average, log


def _partly_frozen(student: EmbeddedDetector, blocks: int) -> EmbeddedDetector:
    """The stem and the first blocks stand still, their statistics too: edges and textures serve every task."""
    for part in (student.stem, *student.blocks[:blocks]):
        part.requires_grad_(False).eval()
    return student


def _optimiser(student: EmbeddedDetector, settings: argparse.Namespace) -> torch.optim.Optimizer:
    """AdamW; norms and biases are not decayed, the trunk learns more slowly."""
    groups: dict[tuple[float, float], list[Any]] = {}
    for name, each in student.named_parameters():
        if not each.requires_grad:
            continue
        times = settings.trunk_rate if name.startswith(("stem", "blocks")) else 1.0
        groups.setdefault((times, _DECAY if each.ndim > 1 else 0.0), []).append(each)
    return torch.optim.AdamW(
        [
            {"params": each, "times": times, "weight_decay": decay, "lr": 0.0}
            for (times, decay), each in groups.items()
        ]
    )


def _factor(update: int, total: int) -> float:
    """Of the rate: up in the first twentieth, then down a cosine to a hundredth."""
    warm = max(1, int(_WARM * total))
    if update < warm:
        return (update + 1) / warm
    return 0.01 + 0.99 * (1 + math.cos(math.pi * (update - warm) / max(1, total - warm))) / 2


def _update(
    student: EmbeddedDetector, teacher: OnnxNetwork, adam: Any, pictures: Tensor, device: torch.device
) -> Parts:
    pictures = pictures.contiguous(memory_format=torch.channels_last)
    with torch.no_grad(), torch.autocast(device.type, torch.float16, enabled=device.type == "cuda"):
        answers = teacher(pictures)
    with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
        found = student.logits(pictures)
    parts = distillation(found.float(), answers.float(), SIDE)
    adam.zero_grad(set_to_none=True)
    parts.total.backward()
    torch.nn.utils.clip_grad_norm_(student.parameters(), _CLIP)
    adam.step()
    return parts


@torch.no_grad()
def _follow(average: EmbeddedDetector, student: EmbeddedDetector, keep: float) -> None:
    """The average of what the student was, most of it lately; its statistics too."""
    mine, new = average.state_dict(), student.state_dict()
    names = [name for name, each in mine.items() if each.is_floating_point()]
    torch._foreach_lerp_([mine[name] for name in names], [new[name] for name in names], 1 - keep)


@torch.no_grad()
def _held_out(
    average: EmbeddedDetector, teacher: OnnxNetwork, views: Views, held: list[int], device: torch.device
) -> float:
    """The loss on photos that are never trained on, as they are."""
    pictures = views.plain(held)
    with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
        found = average.logits(pictures)
    return float(distillation(found.float(), teacher(pictures).float(), SIDE).total)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
