"""The view Faster R-CNN: anchors, targets, numbers and levels, which need no weights, and the whole funnel."""

from collections.abc import Callable

import streamlit as st

from core.networks import DETECTORS
from core.photo import Photo
from core.two_stage.faster_anchors import DESIGNS, Design, shown_hw
from pages.shared import controls
from pages.shared.plain_text import plain

PARTS = ("Anchors", "Targets", "Numbers", "Levels", "Funnel")
TITLES = {"fasterrcnn_mobilenet_v3_large_fpn": "MobileNetV3", "fasterrcnn_resnet50_fpn": "ResNet-50"}


def faster_view(photo: Photo) -> None:
    """One part of the view, for one of the two networks."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        part = controls.choice("Show", "ts_faster", PARTS[0], PARTS, wrap=True)
        name = controls.choice(
            "Network", "ts_network", next(iter(DESIGNS)), tuple(DESIGNS), format_func=TITLES.get
        )
    try:
        shown_hw(photo.pixels.shape[:2])
    except ValueError as error:
        st.error(plain(str(error)), icon=":material/crop_landscape:")
        return
    _part(part)(photo, DESIGNS[name])


def _part(part: str) -> Callable[[Photo, Design], None]:
    if part == PARTS[0]:
        from pages.applications.two_stage_faster_anchors import anchors_part

        return anchors_part
    if part in PARTS[1:4]:
        from pages.applications import two_stage_faster_drawn as drawn

        return {PARTS[1]: drawn.targets_part, PARTS[2]: drawn.numbers_part, PARTS[3]: drawn.levels_part}[part]
    from pages.applications.two_stage_faster_funnel import funnel_part

    return funnel_part


def title_of(design: Design) -> str:
    """As its publisher writes it."""
    return DETECTORS[design.name].title
