"""Sliding window, Faster R-CNN and the comparison as a visitor sees them: clicks, a race that runs, small screens."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.bundled import bundled
from core.two_stage import sliding
from core.two_stage.faster_anchors import MOBILENET, levels
from tests.browser.conftest import screenshot, settled

PATH = "/two_stage?photo=Coffee&ts_view="


def test_a_click_on_the_map_asks_its_window(open_page: Callable[..., Page]) -> None:
    page = open_page(PATH + "Sliding+window")
    board = page.get_by_role("application", name=re.compile("map of 36 windows"))
    expect(board).to_be_visible(timeout=60_000)
    values = sliding.dense(bundled("Coffee").pixels, 320).probabilities().max(axis=0)
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    expect(page.get_by_text(f"Window in row {row}, column {column}:").first).to_be_visible()
    board.click(position={"x": 3, "y": 3})
    expect(page.get_by_text("Window in row 0, column 0:").first).to_be_visible()
    settled(page)
    screenshot(page, "two_stage_sliding")


def test_the_windows_are_raced_one_by_one(open_page: Callable[..., Page]) -> None:
    page = open_page(PATH + "Sliding+window&ts_slide=One+by+one&ts_side=224")
    page.get_by_role("button", name="Classify 4 windows one by one").click(timeout=60_000)
    expect(page.get_by_text(re.compile(r"times as long for all 4 windows\.")).first).to_be_visible(
        timeout=90_000
    )
    expect(page.get_by_text(re.compile("^Windows: done")).first).to_be_visible(timeout=60_000)
    settled(page)
    screenshot(page, "two_stage_sliding_race")


def test_a_click_on_the_photo_moves_the_anchors(open_page: Callable[..., Page]) -> None:
    page = open_page(PATH + "Faster+R-CNN")
    board = page.get_by_role("application", name=re.compile("the 15 anchors in row"))
    expect(board).to_be_visible(timeout=60_000)
    expect(page.locator("svg.marks rect").first).to_be_attached()
    board.click(position={"x": 2, "y": 2})
    expect(page.get_by_text("Row 0, column 0: 15 anchors").first).to_be_visible()
    assert levels(MOBILENET, bundled("Coffee").pixels.shape[:2])[1].rows == 25
    settled(page)
    screenshot(page, "two_stage_anchors")


def test_both_routes_that_are_here_answer(open_page: Callable[..., Page]) -> None:
    page = open_page(PATH + "One+or+two+stages%3F")
    page.get_by_role("button", name="Run them").click(timeout=60_000)
    expect(page.get_by_text(re.compile("^Routes: done")).first).to_be_visible(timeout=120_000)
    expect(page.get_by_text("Held against 3 objects, drawn by hand.").first).to_be_visible()
    expect(page.get_by_role("application", name=re.compile("^Sliding window: espresso"))).to_be_visible()
    page.get_by_text("What is really there?").click()
    page.locator("button.clear").click()
    expect(page.get_by_text("Nothing is drawn, so an object is what two routes found:").first).to_be_visible()
    settled(page)
    screenshot(page, "two_stage_compare")


@pytest.mark.parametrize(
    "view",
    [
        "Sliding+window",
        "Sliding+window&ts_slide=Boxes",
        "Faster+R-CNN",
        "Faster+R-CNN&ts_faster=Targets",
        "Faster+R-CNN&ts_faster=Funnel",
        "One+or+two+stages%3F",
    ],
    ids=["map", "boxes", "anchors", "targets", "funnel", "compare"],
)
def test_a_phone_shows_it_without_scrolling_sideways(open_page: Callable[..., Page], view: str) -> None:
    page = open_page(PATH + view, width=400, theme="dark")
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, "two_stage_phone_" + re.sub(r"\W+", "_", view))
