"""How good the small YOLO is after how long: one training for each kind of objects and each rule, on one thread.

Run by hand: python -m benchmarks.detection_training [epochs]. The target is an AP50 over 0.7 on held-out scenes within
60 seconds with the settings that the page begins with.
"""

import sys
import time

import torch

from benchmarks.timing import machine
from core.detection.live_loss import RULES
from core.detection.live_training import LiveEpoch, LiveSettings, train_live
from core.detection.scenes import KINDS, SceneSettings

WANTED = 0.7


def main(epochs: int) -> None:
    """Print the last epoch of each training, and when it was first as good as wanted."""
    torch.set_num_threads(1)
    for kind in KINDS:
        for rule in RULES:
            _train(LiveSettings(SceneSettings(kind), rule, epochs=epochs))
    print(machine())


def _train(settings: LiveSettings) -> None:
    began, reached, last = time.perf_counter(), None, None
    for step in train_live(settings):
        if isinstance(step, LiveEpoch):
            last = step
            if reached is None and step.ap50 > WANTED:
                reached = time.perf_counter() - began
    assert last is not None
    first = "never" if reached is None else f"after {reached:.0f} s"
    print(
        f"{settings.scenes.kind:8} {settings.rule:7} AP50 {last.ap50:.3f}  AP {last.ap:.3f}  "
        f"{time.perf_counter() - began:5.1f} s  {last.seen / last.seconds:4.0f} scenes/s  "
        f"over {WANTED:g} {first}",
        flush=True,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else LiveSettings().epochs)
