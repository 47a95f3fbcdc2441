"""The filters view as a visitor sees it: a filter is clicked, a dream grows and is stopped, nine patches stand."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import screenshot, settled

VIEW = "/features?feat_view=Filters"


def test_a_click_takes_a_filter_apart(open_page: Callable[..., Page]) -> None:
    page = open_page(f"{VIEW}&feat_filters_filter=21")
    expect(page.get_by_text("Filter 21", exact=True)).to_be_visible()
    board = page.get_by_role("application", name=re.compile("The 32 filters of conv_stem"))
    board.click(position={"x": 30, "y": 30})
    expect(page.get_by_text("Filter 0", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("feat_filters_filter=0"))
    settled(page)
    screenshot(page, "features_filters_weights")
    page.get_by_role("link", name="Try it on the photo, step by step").click()
    expect(page.get_by_role("heading", name="Convolution")).to_be_visible(timeout=60_000)
    expect(page.get_by_label("Own kernel", exact=True)).to_have_value(re.compile(";"))


def test_a_dream_grows_and_is_stopped(open_page: Callable[..., Page]) -> None:
    page = open_page(f"{VIEW}&feat_filters_section=What+does+it+look+for%3F", theme="dark")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_text(re.compile(r"Dream, step \d+ of 96, about"))).to_be_visible(timeout=240_000)
    expect(page.get_by_text(re.compile(r"step [1-9]\d* · score")).first).to_be_visible()
    page.get_by_test_id("stMain").get_by_role("button", name="Stop").click()
    expect(page.get_by_text(re.compile(r"Dream: (stopped|done)"))).to_be_visible()
    expect(page.get_by_test_id("stMain").get_by_role("button", name="Stop")).to_have_count(0)
    screenshot(page, "features_filters_dream")


def test_the_top_nine_on_a_phone(open_page: Callable[..., Page]) -> None:
    page = open_page(
        f"{VIEW}&feat_filters_section=Your+own+top+nine&feat_filters_deep=blocks.2.1.conv_pw&feat_filters_channel=51",
        width=400,
    )
    board = page.get_by_role("application", name=re.compile("Nine patches for channel 51"))
    expect(board).to_be_visible()
    board.click(position={"x": 180, "y": 20})
    expect(page).to_have_url(re.compile("feat_filters_rank=2"))
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, "features_filters_nine_phone")
