"""Every view of the detection page on the largest, the emptiest and the fullest photo."""

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.augmentation.marks import BOXES_MOST
from core.detection import detector
from tests.core.test_detection_precision import seen_with, three_hundred
from tests.pages.opening import opened

PAGE = "pages/applications/detection.py"
VIEWS = [
    ("Boxes", {}),
    ("Suppression", {}),
    *(("Suppression", {"det_nms": what}) for what in ("Your own boxes", "Order matters", "Which variant?")),
    ("From the tensor", {}),
    *(
        ("Who is responsible?", {"det_about": about})
        for about in ("The target", "Anchors", "The loss", "SimOTA")
    ),
    ("Two boxes", {}),
    ("Average precision", {}),
]
IDS = [" ".join((view, *more.values())) for view, more in VIEWS]
everywhere = pytest.mark.parametrize(("view", "more"), VIEWS, ids=IDS)


def open_view(pixels: np.ndarray, view: str, **more: Any) -> AppTest:
    app = opened(PAGE, {"det_view": view} | more, pixels)
    assert app.selectbox(key="photo").value == "mine.png"
    assert not app.error
    return app


def large() -> np.ndarray:
    """8,000 x 1,500 pixels, light and dark."""
    pixels = np.zeros((1500, 8000, 3), np.uint8)
    pixels[:, :, 0] = np.arange(8000) % 251
    pixels[300:1200, 2000:6000] = 220
    return pixels


@everywhere
def test_a_photo_of_8000_pixels_opens(view: str, more: dict) -> None:
    open_view(large(), view, **more)


@everywhere
def test_a_black_photo_opens(view: str, more: dict) -> None:
    open_view(np.zeros((480, 640, 3), np.uint8), view, **more)


@everywhere
def test_three_hundred_objects_open(monkeypatch: pytest.MonkeyPatch, view: str, more: dict) -> None:
    monkeypatch.setattr(detector, "look", lambda *_: seen_with(*three_hundred()))
    app = open_view(np.full((416, 416, 3), 9, np.uint8), view, **more)
    if view == "Boxes":
        assert len(app.dataframe[0].value) == 300
    if more.get("det_nms") == "Which variant?":
        assert app.dataframe[0].value["TP"].tolist() == [BOXES_MOST] * 5
