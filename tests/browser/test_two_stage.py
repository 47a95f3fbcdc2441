"""Two stages as a visitor sees them: merges stepped through, both ways raced, anchors clicked."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from core.bundled import bundled
from core.two_stage.selective_search import search
from tests.browser.conftest import eventually, screenshot, settled


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (400, "dark")], ids=["wide", "phone"])
def test_merges_are_stepped_through(open_page: Callable[..., Page], width: int, theme: str) -> None:
    page = open_page(
        "/two_stage?ts_view=Selective+search&photo=Coffee&ts_merges=100", width=width, theme=theme
    )
    found = search(bundled("Coffee").pixels)
    expect(page.get_by_text(f"{found.first - 100} now", exact=False).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.locator(".st-key-ts_merges").get_by_role("slider").press("ArrowRight")
    expect(page.get_by_text(f"{found.first - 101} now", exact=False).first).to_be_visible()
    # the regions are shown enlarged: their size and the place under the pointer are those of what was searched
    regions = page.get_by_role(
        "application", name=re.compile("regions; the two that merge next are coloured")
    )
    where = page.locator("figure", has=regions).locator(".where")
    (rows, columns), place = found.pixels.shape[:2], regions.bounding_box()
    expect(where).to_have_text(f"{rows} × {columns} pixels")
    regions.hover(position={"x": place["width"] * 10.5 / columns, "y": place["height"] * 100.5 / rows})
    expect(where).to_have_text("row 100, column 10")
    page.mouse.move(0, 0)
    settled(page)
    screenshot(page, f"two_stage_search_{width}_{theme}")


def test_both_ways_are_raced(open_page: Callable[..., Page]) -> None:
    page = open_page("/two_stage?ts_view=R-CNN+and+Fast+R-CNN&photo=Coffee&ts_count=25")
    page.locator(".st-key-ts_go button").click()
    expect(page.get_by_text("times faster, for the same proposals").first).to_be_visible(timeout=240_000)
    expect(page.get_by_text(re.compile(r"25 passes through the trunk")).first).to_be_visible()
    settled(page)
    screenshot(page, "two_stage_rcnn_1280_light")


def test_a_click_moves_the_anchors(open_page: Callable[..., Page]) -> None:
    page = open_page("/two_stage?ts_view=Faster+R-CNN")
    stage = page.get_by_role("application").first
    before = stage.get_attribute("aria-label") or page.locator("figure img").first.get_attribute("alt")
    box = stage.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 0.1 * box["height"])
    eventually(
        page,
        lambda: (
            (stage.get_attribute("aria-label") or page.locator("figure img").first.get_attribute("alt"))
            != before
        ),
        True,
    )
    settled(page)
    screenshot(page, "two_stage_faster_1280_light")
