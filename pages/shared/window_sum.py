"""One output of a filter written out: window values times weights, products, sums, bias."""

import numpy as np
import streamlit as st

from core.convolution.photo_layer import CHANNELS
from core.convolution.photo_window import Window
from core.figures.palette import as_hex, signed_limit, signed_rgb
from pages.shared.assets import component_file

_component = st.components.v2.component(
    "explorer_window_sum",
    html="<div class='sum' role='group'></div>",
    css=component_file("window_sum.css"),
    js=component_file("window_sum.js"),
)


def window_sum(window: Window, *, key: str, separate: bool, veiled: bool = False) -> None:
    """Show the arithmetic of one output.

    Args:
        window: the output, term by term.
        key: the element's key.
        separate: every channel is an output of its own; otherwise the channels' sums add up to one.
        veiled: hide the results.
    """
    limits = signed_limit(window.weights), signed_limit(window.products)
    sums = ["?" if veiled else plain_number(value) for value in window.sums]
    channels = [_channel(window, index, limits, sums[index], veiled) for index in range(len(CHANNELS))]
    bias = plain_number(window.bias)
    if separate:
        totals = ["?" if veiled else plain_number(value + window.bias) for value in window.sums]
        before = f"plus the bias {bias}: red {totals[0]}, green {totals[1]}, blue {totals[2]}"
        total = ""
    else:
        before = " + ".join(f"({text})" if text.startswith("−") else text for text in (*sums, bias)) + " = "
        total = "?" if veiled else plain_number(window.total)
    alt = f"The window of output row {window.unit[0]}, column {window.unit[1]}: {before}{total}"
    _component(key=key, data={"channels": channels, "before": before, "total": total, "alt": alt})


def plain_number(value: float) -> str:
    """A number as it is written by hand: up to four digits after the point, a real minus sign."""
    text = (
        f"{value:.4f}".rstrip("0").rstrip(".") if abs(value) < 100 else f"{value:.2f}".rstrip("0").rstrip(".")
    )
    return "0" if text == "-0" else text.replace("-", "−")


def _channel(window: Window, index: int, limits: tuple[float, float], total: str, veiled: bool) -> dict:
    shades = np.zeros((*window.values[index].shape, 3), np.uint8)
    shades[:, :, index] = window.values[index]  # the channel's own colour
    inside = (window.rows >= 0)[:, None] & (window.columns >= 0)
    products = signed_rgb(
        np.zeros_like(window.products[index]) if veiled else window.products[index], limits[1]
    )
    return {
        "name": CHANNELS[index],
        "sum": total,
        "grids": [
            _grid("values", window.values[index], shades, ~inside),
            _grid("weights", window.weights[index], signed_rgb(window.weights[index], limits[0])),
            _grid("products", window.products[index], products, veiled=veiled),
        ],
    }


def _grid(
    caption: str,
    numbers: np.ndarray,
    colours: np.ndarray,
    padded: np.ndarray | None = None,
    veiled: bool = False,
) -> dict:
    height, width = numbers.shape
    hexes = as_hex(colours.reshape(-1, 3))
    cells = [
        [
            {
                "text": "?" if veiled else _short(numbers[row, column]),
                "colour": hexes[row * width + column],
                "padded": bool(padded is not None and padded[row, column]),
            }
            for column in range(width)
        ]
        for row in range(height)
    ]
    return {"caption": caption, "cells": cells}


def _short(value: float) -> str:
    text = f"{value:.0f}" if abs(value) >= 1000 or value == round(value) else f"{value:.3g}"
    return "0" if text == "-0" else text.replace("-", "−")
