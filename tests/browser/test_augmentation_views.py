"""The Label, Odds, Leak and Feature space views as a visitor sees them: a control moves a number, and it is core's."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from core.augmentation import Step, check_odds, odds, order_effect
from core.augmentation.text import chain_from_text
from core.bundled import bundled
from tests.browser.conftest import screenshot, settled

PLOT = "[data-testid=stPlotlyChart] .nsewdrag"


def test_the_label_survives_up_to_a_strength(open_page: Callable[..., Page]) -> None:
    page = open_page("/augmentation?aug_view=Label&aug_label_points=13", theme="dark")
    verdict = page.get_by_text(re.compile(r"^P\(cat\) = "))
    expect(verdict).to_be_visible(timeout=60_000)
    before = verdict.inner_text()
    slider = page.get_by_role("slider", name=re.compile("Look closer: share of the area"))
    slider.focus()
    slider.press("End")
    expect(verdict).not_to_have_text(before)
    expect(page).to_have_url(re.compile(r"aug_label_at=0\.5"))
    expect(page.locator(PLOT).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, "augmentation_label")


def test_the_odds_follow_the_probability(open_page: Callable[..., Page]) -> None:
    text = "rotate*0.5+blur*0.25+flip*0.5"
    page = open_page(f"/augmentation?aug_view=Odds&aug_chain={text}", width=400)
    chain = chain_from_text(text)
    expect(page.get_by_text(f"{odds(chain).untouched:.2%}", exact=True)).to_be_visible()
    expect(page.get_by_text(f"{check_odds(chain, 0).untouched:.2%}", exact=True)).to_be_visible()
    page.get_by_role("radio", name="75 %").click()
    expect(page.get_by_text(f"{0.25**3:.2%}", exact=True)).to_be_visible()
    first, _ = order_effect(
        Step("crop", 0.25, 0.25), Step("resize", 96, 96), bundled("Cat").pixels.shape[:2], 0
    )
    expect(page.get_by_text("{} × {} pixels".format(*first.hw))).to_be_visible()
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, "augmentation_odds_phone")


def test_a_leak_is_trained_and_stopped(open_page: Callable[..., Page]) -> None:
    page = open_page("/augmentation?aug_view=Leak&aug_leak_seeds=1&aug_leak_digits=40&aug_leak_copies=1")
    page.get_by_role("button", name="Train them").click()
    expect(page.get_by_text("Networks: done")).to_be_visible(timeout=240_000)
    expect(page.get_by_text("gain that is not real, leak")).to_be_visible()
    expect(page.get_by_test_id("stMain").get_by_role("button", name="Stop")).to_have_count(0)
    settled(page)
    screenshot(page, "augmentation_leak")


def test_the_table_of_the_feature_space_grows(open_page: Callable[..., Page]) -> None:
    page = open_page("/augmentation?aug_view=Feature+space&aug_space_count=2&aug_space_variants=8")
    expect(page.get_by_text("mean distance from the photo")).to_be_visible(timeout=60_000)
    page.get_by_role("radio", name="8", exact=True).click()  # measured anew, with more variants of each
    page.get_by_test_id("stMain").get_by_role("button", name="Stop").click()
    expect(page.get_by_text(re.compile(r"^Stopped after \d of 10$"))).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("button", name="Go on")).to_have_count(0)
    expect(page.get_by_role("progressbar")).to_have_count(0, timeout=180_000)
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, "augmentation_space")
