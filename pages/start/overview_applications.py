"""The first page's cards of detection, of two stages and of style transfer."""

from operator import attrgetter

import streamlit as st

from core.figures.encoding import encode
from core.photo import Photo
from core.warm import READY
from pages.shared.heavy import kept
from pages.shared.picture_bar import current_photo
from pages.start.overview_cards import cards

DETECTION = "pages/applications/detection.py"
TWO_STAGE = "pages/applications/two_stage.py"
STYLE = "pages/applications/style.py"
_KEYS = {Photo: attrgetter("digest")}
_NOT_YET = (None, None, None)


@kept(st.cache_data, 8, _KEYS)
def from_detector(photo: Photo) -> tuple[str, str, str]:
    """Three pictures of the embedded detector in front of the photo."""
    from core.figures import overview_detection as detected

    seen = detected.seen_by_default(photo)
    makers = (detected.boxes_picture, detected.candidates_picture, detected.cells_picture)
    boxes, candidates, cells = (encode(make(photo, seen)).uri for make in makers)
    return boxes, candidates, cells


@kept(st.cache_data, 8, _KEYS)
def from_two_stages(photo: Photo) -> tuple[str, str, str]:
    """Regions, crops and anchors on the photo."""
    from core.figures import overview_two_stage as found

    search = found.searched(photo)
    pictures = found.regions_left(search), found.crops_beside(photo, search), found.anchors_of_a_place(photo)
    regions, crops, anchors = (encode(each).uri for each in pictures)
    return regions, crops, anchors


@kept(st.cache_data, 8, _KEYS)
def from_styles(photo: Photo) -> tuple[str, str, str]:
    """Made styles, a mixing desk, and the photo shuffled."""
    from core.figures import overview_style as styled

    return (
        encode(styled.styles_picture()).uri,
        styled.desk_svg(),
        encode(styled.shuffled_places(photo)).uri,
    )


def detection() -> None:
    """The cards of detection."""
    boxes, candidates, cells = from_detector(current_photo()) if READY.is_set() else _NOT_YET
    cards(
        (
            boxes,
            "The photo with a box around each object that the detector finds",
            "What is where",
            "A detector of our own finds 80 kinds of objects on your photo, without internet.",
            DETECTION,
            "Find objects",
            {"det_view": "Boxes"},
        ),
        (
            candidates,
            "The photo with all boxes that the detector proposes, many for each object",
            "Who removed whom",
            "Step through non-maximum suppression, one decision at a time, to the kill list.",
            DETECTION,
            "Step through it",
            {"det_view": "Suppression"},
        ),
        (
            cells,
            "The photo under a grid: cells in the middle of an object are bright",
            "From the tensor to the box",
            "Click a cell: its 85 numbers, and the arithmetic that makes a box of them.",
            DETECTION,
            "Open the tensor",
            {"det_view": "From the tensor"},
        ),
    )


def two_stages() -> None:
    """The cards of the two-stage family."""
    regions, crops, anchors = from_two_stages(current_photo()) if READY.is_set() else _NOT_YET
    cards(
        (
            regions,
            "The photo as a few regions, each in its mean colour",
            "Propose first",
            "Selective search merges your photo, region by region; every merge says why.",
            TWO_STAGE,
            "Merge regions",
            {"ts_view": "Selective search"},
        ),
        (
            crops,
            "The photo with six boxes, and beside it each of them stretched to a square",
            "Once per box, or once per photo",
            "R-CNN and Fast R-CNN on the same proposals, timed side by side.",
            TWO_STAGE,
            "Start the race",
            {"ts_view": "R-CNN and Fast R-CNN"},
        ),
        (
            anchors,
            "The photo with fifteen boxes around its middle: five sizes in three shapes",
            "Anchors everywhere",
            "What Faster R-CNN proposes from, and how an anchor becomes a box, number by number.",
            TWO_STAGE,
            "Lay the anchors",
            {"ts_view": "Faster R-CNN"},
        ),
    )


def style() -> None:
    """The cards of style transfer."""
    styles, desk, shuffled = from_styles(current_photo()) if READY.is_set() else _NOT_YET
    cards(
        (
            styles,
            "Eight pictures made by code: brush strokes, marbling, stained glass, waves and others",
            "In a style, at once",
            "Any picture is a style: made ones, 26 learned ones, or your own.",
            STYLE,
            "Choose a style",
            {"style_view": "At once"},
        ),
        (
            desk,
            "A mixing desk with a fader for the content and one for each of five style layers",
            "The mixing desk",
            "Watch the picture being made: pause, move the faders, continue.",
            STYLE,
            "Mix it step by step",
            {"style_view": "Step by step"},
        ),
        (
            shuffled,
            "The photo; its right half is cut into squares that have changed places",
            "Style forgets where",
            "Shuffle all places of a layer: its style stays the same to the last digit.",
            STYLE,
            "Shuffle the places",
            {"style_view": "Why it works"},
        ),
    )
