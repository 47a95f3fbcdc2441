"""Selective search, R-CNN and Fast R-CNN on the page: numbers are core's, odd photos open, a race runs to its end."""

import io
import time

import cv2
import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core import networks
from core.bundled import bundled
from core.figures import two_stage_rcnn as figures
from core.snippets import two_stage as search_snippets
from core.snippets import two_stage_rcnn as snippets
from core.two_stage import rcnn
from core.two_stage.roi import roi_align, roi_pool, rounded
from core.two_stage.roi_formulas import roi_formulas
from core.two_stage.search_formulas import merge_formulas
from core.two_stage.selective_search import search
from core.two_stage.similarity import MEASURES
from pages.shared.formula_view import plain_number
from tests.pages.test_detection import opened

PAGE = "pages/applications/two_stage.py"
ODD = [np.zeros((1, 1, 3), np.uint8), np.full((60, 80, 3), 128, np.uint8), np.zeros((100, 2000, 3), np.uint8)]


def open_view(view: str, pixels: np.ndarray | None = None, **query: str) -> AppTest:
    return opened(PAGE, {"ts_view": view, **query}, pixels)


def words(app: AppTest) -> str:
    return " ".join(each.value for each in (*app.markdown, *app.caption, *app.info))


@pytest.mark.parametrize("use", [MEASURES, ("colour", "size")], ids=["all", "two"])
def test_a_merge_has_core_s_numbers(use: tuple[str, ...]) -> None:
    query = {} if use == MEASURES else {"ts_use": use}
    app = open_view("Selective search", ts_merges="40", **query)
    found = search(bundled("Cat").pixels, use=use)
    assert f"**{found.first - 40}** now" in words(app)
    assert f"Boxes so far: **{found.boxes_after(40)}**" in words(app)
    for formula in merge_formulas(found, 40):
        assert f"**{plain_number(formula.value)}**" in words(app)


def test_the_end_of_the_search_says_so() -> None:
    found = search(bundled("Cat").pixels)
    app = open_view("Selective search", ts_merges=str(len(found.merges)))
    assert "the search is over" in words(app)


def test_without_a_similarity_it_asks_for_one() -> None:
    assert "Choose at least one" in words(open_view("Selective search", ts_use=""))


@pytest.mark.parametrize("view", ["Selective search", "R-CNN and Fast R-CNN"])
@pytest.mark.parametrize("pixels", ODD, ids=["one pixel", "grey", "strip"])
def test_odd_photos_open(view: str, pixels: np.ndarray) -> None:
    assert not open_view(view, pixels).exception


@pytest.mark.parametrize("cut", ["RoIAlign", "RoIPool"])
def test_a_region_has_core_s_numbers(cut: str) -> None:
    app = open_view("R-CNN and Fast R-CNN", ts_cut=cut, ts_proposal="7")
    photo = bundled("Cat").pixels
    box = search(photo).boxes[6]
    _, scales = rcnn.fast_input(photo)
    shown = rcnn.box_shown(tuple(box), scales)
    laid = rounded(shown, 1 / 32, rcnn.last_map(photo).shape[1:], 7)
    for formula in roi_formulas(laid, shown[0], 32, 32 / scales[0]):
        assert f"**{plain_number(formula.value)}**" in words(app)


def test_both_ways_run_to_their_end() -> None:
    app = open_view("R-CNN and Fast R-CNN", ts_count="25")
    app.button(key="ts_go").click().run()
    deadline = time.monotonic() + 180
    while "times faster" not in words(app):
        assert time.monotonic() < deadline
        time.sleep(0.5)
        app.run()
    photo = bundled("Cat").pixels
    boxes = search(photo).boxes[:25]
    scored = rcnn.fast(photo, boxes)
    over = int((scored.scores > 0.5).sum())
    assert f"{over} over 0.5, {len(scored.kept(0.5))} after" in words(app)
    assert "25 passes through the trunk" in words(app)
    assert "that is all the network sees of it" in words(app)


def test_every_crop_stands_with_its_answer() -> None:
    photo = bundled("Cat").pixels
    boxes = search(photo).boxes[:4]
    tiles = figures.crop_tiles(
        photo, boxes, [("cat", 0.2), ("dog", 0.9), ("lynx", 0.5), ("fox", 0.1)], [1, 2, 0]
    )
    assert [(tile.title, tile.lines[0].text) for tile in tiles] == [
        ("dog", "0.90 · no. 2"),
        ("lynx", "0.50 · no. 3"),
        ("cat", "0.20 · no. 1"),
    ]
    small = cv2.resize(rcnn.crop(photo, tuple(boxes[1].tolist())), (140, 140), interpolation=cv2.INTER_AREA)
    found = np.asarray(Image.open(io.BytesIO(tiles[0].picture.data)).convert("RGB")).astype(int)
    assert np.abs(found - small).mean() < 2


def test_the_boxes_so_far_are_counted() -> None:
    found = search(bundled("Cat").pixels)
    app = open_view("Selective search", ts_merges="9", ts_boxes="true")
    assert f"that merges have made, **{len(found.made_boxes(9))}** so far" in words(app)


@pytest.mark.parametrize("cut", ["align", "pool"])
def test_the_code_gives_the_region(cut: str) -> None:
    import torch

    maps, shown = np.random.default_rng(0).normal(size=(4, 12, 18)), (40.0, 50.0, 300.0, 250.0)
    room = {"maps": torch.from_numpy(maps)[None]}
    exec(snippets.region(shown, cut), room)
    wanted = roi_align(maps, shown, 1 / 32, 7) if cut == "align" else roi_pool(maps, shown, 1 / 32, 7)
    np.testing.assert_allclose(room["result"].numpy(), wanted, rtol=1e-6)


def test_the_code_gives_the_proposals() -> None:
    room = {"photo": bundled("Cat").pixels}
    exec(search_snippets.search(100, MEASURES), room)
    np.testing.assert_array_equal(room["result"], search(bundled("Cat").pixels).boxes)
    assert networks.is_here(rcnn.NETWORK)
