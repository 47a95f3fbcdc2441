"""The film of a kernel that is being learned: pictures, weights and loss, step by step."""

import math
from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.convolution.learn import Step
from core.figures.convolution_photo import Film
from core.figures.palette import as_hex, signed_limit, signed_rgb
from pages.shared.assets import component_file

_component = st.components.v2.component(
    "explorer_learn_filter",
    html=component_file("learn_filter.html"),
    css=component_file("learn_filter.css"),
    js=component_file("learn_filter.js"),
)
_LEAST_LOSS = 1e-9  # where the logarithmic axis ends


def learn_filter(
    steps: Sequence[Step],
    target: np.ndarray,
    film: Film,
    *,
    key: str,
    version: str,
    target_title: str,
) -> None:
    """Play the descent, about a second and a half; the visitor can pause and scrub it.

    Args:
        steps: the moments shown, in order.
        target: the kernel that the descent goes to, [kh, kw].
        film: the output at every step, and the target.
        key: the element's key.
        version: names the descent; a new one starts the film again.
        target_title: what `target` is.
    """
    limit = signed_limit(target)
    low, high = _span([step.loss for step in steps])
    end = math.log1p(steps[-1].iteration) or 1.0
    data = {
        "version": version,
        "targetTitle": target_title,
        "goal": film.goal.uri,
        "goalAlt": "What the filter should make of the photo",
        "chartAlt": f"Loss falling from {steps[0].loss:.3g} to {steps[-1].loss:.3g}",
        "target": _cells(target, limit),
        "ticks": {
            "x": [
                [math.log1p(n) / end, f"{n:,}"] for n in (0, 10, 100, 1000, 10_000) if math.log1p(n) <= end
            ],
            "y": [[(place - low) / (high - low), _power(place)] for place in _every(low, high)],
        },
        "frames": [
            {
                "step": f"{step.iteration:,}",
                "sentence": _sentence(step, target),
                "kernel": _cells(step.kernel, limit),
                "picture": picture.uri,
                "x": math.log1p(step.iteration) / end,
                "y": (_log(step.loss) - low) / (high - low),
            }
            for step, picture in zip(steps, film.frames, strict=True)
        ],
    }
    _component(key=key, data=data)


def _cells(kernel: np.ndarray, limit: float) -> list[list[tuple[str, str]]]:
    height, width = kernel.shape
    colours = as_hex(signed_rgb(kernel, limit).reshape(-1, 3))
    return [[(_weight(kernel[y, x]), colours[y * width + x]) for x in range(width)] for y in range(height)]


def _weight(value: float) -> str:
    text = f"{value:.3f}"
    return "0.000" if text == "-0.000" else text.replace("-", "−")


def _sentence(step: Step, target: np.ndarray) -> str:
    away = float(np.abs(step.kernel - target).max())
    return (
        f"step {step.iteration:,}: loss {step.loss:.3g}, gradient norm {step.gradient_norm:.3g}, "
        f"furthest weight off by {away:.2g}"
    )


def _log(loss: float) -> float:
    return math.log10(max(loss, _LEAST_LOSS))


def _span(losses: Sequence[float]) -> tuple[float, float]:
    low, high = math.floor(min(map(_log, losses))), math.ceil(max(map(_log, losses)))
    return (low, high) if low < high else (low - 1, high)


def _every(low: float, high: float) -> range:
    """Powers of ten to write on the axis: five or six of them."""
    return range(int(low), int(high) + 1, max(round((high - low) / 5), 1))


def _power(exponent: int) -> str:
    digits = str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"10{digits}"
