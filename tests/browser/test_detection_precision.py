"""Average precision and own boxes under suppression as a visitor sees them: clicked, drawn, on a phone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.browser.conftest import link_holds, screenshot, settled

VIEW = "/detection?det_view=Average+precision"


def steady(table: Locator) -> FloatRect:
    """Where it stands once it has come to rest: the panel around it unfolds, and its canvas is drawn after that."""
    before, now = None, table.bounding_box()
    while now is None or now != before:
        table.page.wait_for_timeout(500)
        before, now = now, table.bounding_box()
    return now


def test_ranks_are_stepped_through_with_their_verdicts(open_page: Callable[..., Page]) -> None:
    page = open_page(f"{VIEW}&photo=Photographer&det_ap_rank=2")
    expect(page.get_by_text("with the nearest object of the class: false alarm").first).to_be_visible(
        timeout=60_000
    )
    page.get_by_role("slider", name="Rank, best score first").focus()
    page.keyboard.press("ArrowRight")
    link_holds(page, det_ap_rank="3")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("with an object that was free: hit").first).to_be_visible()
    settled(page)
    screenshot(page, "detection_precision")


def test_a_row_is_clicked_and_the_truth_goes_along(open_page: Callable[..., Page]) -> None:
    page = open_page(f"{VIEW}&photo=Photographer&det_truth=b10,10,500,900+person")
    page.get_by_text("The ranks as a list").click(timeout=60_000)
    place = steady(page.get_by_test_id("stDataFrame").first)
    page.mouse.click(
        place["x"] + 15, place["y"] + 35 * 4 + 15
    )  # the mark of the fourth row, under the heading
    link_holds(page, det_ap_rank="4")
    page.get_by_text("Suppression", exact=True).first.click()
    page.get_by_text("Which variant?", exact=True).click()
    link_holds(page, det_truth="b10,10,500,900 person")


def test_a_drawn_object_enters_the_curve(open_page: Callable[..., Page]) -> None:
    page = open_page(f"{VIEW}&photo=Astronaut&det_truth=none")
    expect(page.get_by_text("No object of this class in the truth").first).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Box", exact=True).click()
    place = page.get_by_role("application", name=re.compile("The photo with its objects")).bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + 0.05 * place["width"], place["y"] + 0.02 * place["height"])
    page.mouse.down()
    page.mouse.move(place["x"] + 0.72 * place["width"], place["y"] + 0.97 * place["height"], steps=5)
    page.mouse.up()
    expect(page.get_by_text("“object 1” counts as person").first).to_be_visible()
    expect(page.get_by_text("with an object that was free: hit").first).to_be_visible()
    settled(page)
    screenshot(page, "detection_precision_drawn")


def test_the_scenes_fit_a_phone(open_page: Callable[..., Page]) -> None:
    page = open_page(f"{VIEW}&det_ap_on=Four+drawn+scenes", width=400, theme="dark")
    expect(page.get_by_text("AP@[.5:.95]", exact=True).first).to_be_visible(timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    settled(page)
    screenshot(page, "detection_precision_phone")


def test_a_drawn_candidate_takes_part_in_suppression(open_page: Callable[..., Page]) -> None:
    page = open_page("/detection?det_view=Suppression&det_nms=Your+own+boxes&photo=Astronaut")
    expect(page.get_by_text("6 candidates, sorted by score.").first).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="remove dog 0.5").click()
    expect(page.get_by_text("5 candidates, sorted by score.").first).to_be_visible()
    name = page.get_by_label("name of box 5")
    name.fill("dog 0.99")
    name.press("Enter")
    page.get_by_role("button", name="One step on").click()
    expect(page.get_by_text("Decision 1: keep number 1 (dog).").first).to_be_visible()
    settled(page)
    screenshot(page, "detection_suppression_own")


def test_two_orders_stand_side_by_side(open_page: Callable[..., Page]) -> None:
    page = open_page("/detection?det_view=Suppression&det_nms=Order+matters", width=400, theme="dark")
    expect(page.get_by_text("2 stay, A and C.").first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("1 stays, B.").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    settled(page)
    screenshot(page, "detection_order_phone")


def test_a_slider_changes_the_loss(open_page: Callable[..., Page]) -> None:
    page = open_page("/detection?det_view=Who+is+responsible%3F&det_about=The+loss&photo=Cat")
    expect(page.get_by_text("with an object: loss").first).to_be_visible(timeout=60_000)
    slider = page.get_by_role("slider", name="Share of the right class")
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    link_holds(page, det_share="1.0")
    settled(page)
    screenshot(page, "detection_loss")


@pytest.mark.parametrize("about", ["Anchors", "The loss", "SimOTA"])
def test_who_is_responsible_fits_a_phone(open_page: Callable[..., Page], about: str) -> None:
    view = "/detection?det_view=Who+is+responsible%3F&photo=Astronaut&det_about="
    page = open_page(view + about.replace(" ", "+"), width=400, theme="dark")
    expect(page.get_by_text("Show the code").first).to_be_visible(timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    settled(page)
    screenshot(page, f"detection_{about.lower().replace(' ', '_')}_phone")
