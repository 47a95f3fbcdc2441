"""Occlusion: cover a window of the picture with grey and see how far the output falls (Zeiler and Fergus 2014).

Each pixel gets the mean fall over the windows that cover it: above zero, it spoke for the category.
"""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float

from core.features.explanations.explanation import Explanation
from core.features.explanations.subject import Subject, in_batches, outputs

BATCH = 8
Window = tuple[int, int, int, int]  # top, left, bottom, right, half-open


def windows(hw: tuple[int, int], side: int, stride: int) -> tuple[Window, ...]:
    """Windows in reading order; the last ones are cut at the border so that every pixel is covered.

    Raises: ValueError unless 1 <= stride <= side <= the picture's shorter side.
    """
    if not 1 <= stride <= side <= min(hw):
        raise ValueError(f"1 <= stride <= side <= {min(hw)}, got a stride of {stride} and a side of {side}.")
    starts = [range(0, max(size - side, 0) + stride, stride) for size in hw]
    return tuple(
        (top, left, min(top + side, hw[0]), min(left + side, hw[1]))
        for top in starts[0]
        for left in starts[1]
        if top < hw[0] and left < hw[1]
    )


def covered_outputs(subject: Subject, covers: tuple[Window, ...]) -> Float[np.ndarray, " windows"]:
    """z with each of the windows covered."""
    import torch

    shown = subject.tensor.repeat(len(covers), 1, 1, 1)
    for picture, (top, left, bottom, right) in zip(shown, covers, strict=True):
        picture[:, top:bottom, left:right] = 0  # the mean of the training pictures: grey
    with torch.no_grad():
        return outputs(subject.circuit, shown)[:, subject.category].numpy()


def occlusion_steps(
    subject: Subject, side: int = 56, stride: int = 28
) -> Iterator[tuple[float, Explanation | None]]:
    """Cover window after window: the share that is done, and at the end the map."""
    import torch

    every = windows(subject.hw, side, stride)
    with torch.no_grad():
        plain = float(outputs(subject.circuit, subject.tensor)[0, subject.category])
    found = []
    for batch in in_batches(every, BATCH):
        found.append(covered_outputs(subject, tuple(batch)))
        yield len(np.concatenate(found)) / len(every), None
    falls = plain - np.concatenate(found).astype(np.float64)
    total, times = np.zeros(subject.hw), np.zeros(subject.hw)
    for (top, left, bottom, right), fall in zip(every, falls, strict=True):
        total[top:bottom, left:right] += fall
        times[top:bottom, left:right] += 1
    worst = int(falls.argmax())
    details = {"output": plain, "window": every[worst], "covered": plain - falls[worst], "count": len(every)}
    yield 1.0, Explanation("occlusion", (total / times).astype(np.float32), signed=True, details=details)


def occlusion(subject: Subject, side: int = 56, stride: int = 28) -> Explanation:
    """The mean fall of the output per pixel; below zero: the output rises when the pixel is covered."""
    *_, (_, found) = occlusion_steps(subject, side, stride)
    if found is None:
        raise RuntimeError("The last step of occlusion carries its map.")
    return found
