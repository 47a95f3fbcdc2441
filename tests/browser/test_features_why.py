"""The view "Why this class?" as a visitor sees it: a class is chosen, a method clicked, a place covered."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from core import networks
from core.bundled import bundled
from core.features import scene as scenes
from core.features.explanations import explain, subject_in
from core.features.probe import covered
from core.features.scene import Look
from core.features.verdict import map_verdict
from tests.browser.conftest import link_holds, screenshot, settled

VIEW = "/features?feat_view=Why+this+class%3F"
TABBY = 281


def test_a_class_is_chosen_a_method_clicked_and_a_place_covered(open_page: Callable[..., Page]) -> None:
    seen = scenes.scene(Look(networks.DEFAULT), bundled("Cat"))
    asked = subject_in(seen.circuit, seen.tensor, TABBY)
    page = open_page(VIEW)
    page.get_by_role("combobox", name="Why this class?").fill("tabby")
    page.get_by_role("option", name="tabby (281)").click()
    expect(page.get_by_role("heading", name=re.compile("tabby"))).to_be_visible()
    expect(page.get_by_text(map_verdict(explain("grad_cam", asked), asked.hw, "tabby"))).to_be_visible()
    tile = page.locator(".wall[data-ready]").get_by_role("button", name=re.compile("^Eigen-CAM, half"))
    tile.click()
    expect(page.get_by_text(map_verdict(explain("eigen_cam", asked), asked.hw, "tabby"))).to_be_visible()
    link_holds(page, feat_why_class="tabby (281)", feat_why_method="Eigen-CAM")
    settled(page)
    stage = page.locator(".picture[data-ready] .stage").first
    size = stage.bounding_box()
    stage.click(position={"x": size["width"] * 100.5 / 224, "y": size["height"] * 60.5 / 224})
    change = covered(asked, (60, 100), 56)
    expect(page.get_by_text(f"{change.shares[0]:.1%} to {change.shares[1]:.1%}")).to_be_visible()


@pytest.mark.parametrize(
    ("width", "theme", "section"),
    [(1280, "light", "Sanity check"), (1280, "dark", "All methods"), (400, "light", "Take away, bring back")],
)
def test_it_fits_and_is_kept_as_a_picture(
    open_page: Callable[..., Page], width: int, theme: str, section: str
) -> None:
    words = section.replace(" ", "+").replace(",", "%2C")
    page = open_page(f"{VIEW}&photo=Photographer&feat_why_section={words}", width=width, theme=theme)
    expect(page.get_by_role("heading", name=re.compile("tripod"))).to_be_visible()
    expect(page.get_by_test_id("stMain").get_by_role("button", name="Stop")).to_have_count(0, timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert screenshot(page, f"features_why_{width}_{theme}").exists()
