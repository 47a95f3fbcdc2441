"""The detection page as a visitor sees it: suppression step by step to the kill list, a cell that is clicked."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from core.bundled import bundled
from core.detection.detector import candidates, look
from core.detection.suppression import keep
from tests.browser.conftest import screenshot, settled


def test_suppression_is_stepped_through_to_the_kill_list(open_page: Callable[..., Page]) -> None:
    page = open_page("/detection?det_view=Suppression&photo=Astronaut&det_score=0.1")
    found = candidates(look(bundled("Astronaut").pixels), 0.1)
    kept = keep(found.boxes, found.scores, 0.5, found.labels)
    expect(page.get_by_text(f"{len(found.scores)} candidates, sorted by score.")).to_be_visible(
        timeout=60_000
    )
    screenshot(page, "detection_suppression_start")
    step = page.get_by_role("button", name="One step on")
    step.click()
    expect(page.get_by_text("Decision 1: keep number 1 (person).")).to_be_visible()
    for _ in range(2 * len(kept) - 1):
        step.click()
    expect(page.get_by_text(f"Done: {len(kept)} of {len(found.scores)} stay.")).to_be_visible()
    expect(page.locator(".row.gone")).to_have_count(len(found.scores) - len(kept))
    expect(page.locator(".row.gone").first).to_contain_text("removed by 1, IoU 0.")
    page.get_by_role("button", name="One step back").click()
    expect(page.locator(".row.best")).to_have_count(1)
    settled(page)
    screenshot(page, "detection_suppression")


def test_play_runs_to_the_end_and_a_row_finds_its_box(open_page: Callable[..., Page]) -> None:
    page = open_page("/detection?det_view=Suppression&photo=Cat", width=400, theme="dark")
    page.get_by_role("button", name="Play").click(timeout=60_000)
    expect(page.get_by_text(re.compile("^Done: 1 of"))).to_be_visible()
    page.locator(".row").nth(1).click()
    expect(page.locator("g.mark.picked")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    settled(page)
    screenshot(page, "detection_suppression_phone")


def test_a_click_on_the_photo_asks_its_cell(open_page: Callable[..., Page]) -> None:
    page = open_page("/detection?det_view=From+the+tensor&photo=Astronaut")
    board = page.get_by_role("application", name=re.compile("grid of stride 32"))
    expect(board).to_be_visible(timeout=60_000)
    board.click(position={"x": 5, "y": 5})
    expect(page.get_by_text("column 0, row 0 of the grid of stride 32")).to_be_visible()
    page.get_by_text("52 × 52", exact=True).click()
    expect(page.get_by_text("of the grid of stride 8")).to_be_visible()
    settled(page)
    screenshot(page, "detection_tensor")


def test_objects_are_boxed(open_page: Callable[..., Page]) -> None:
    page = open_page("/detection?photo=Astronaut", theme="dark")
    expect(page.get_by_text("AP50 0.39")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("application", name=re.compile("The photo with person 0.89"))).to_be_visible()
    settled(page)
    screenshot(page, "detection_boxes")


def test_a_drawn_object_has_a_responsible_cell(open_page: Callable[..., Page]) -> None:
    page = open_page("/detection?det_view=Who+is+responsible%3F&photo=Astronaut&det_marks=none")
    expect(page.get_by_text("Draw a box around each object")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Box", exact=True).click()
    stage = page.get_by_role("application", name=re.compile("The photo under its grid"))
    place = stage.bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + 0.2 * place["width"], place["y"] + 0.2 * place["height"])
    page.mouse.down()
    page.mouse.move(place["x"] + 0.6 * place["width"], place["y"] + 0.8 * place["height"], steps=5)
    page.mouse.up()
    expect(page.get_by_text("the cell in row 3, column 2 is responsible")).to_be_visible()
    expect(page.get_by_text("1 of 49 places")).to_be_visible()
    expect(page.get_by_role("button", name="Keypoint")).to_be_hidden()
    settled(page)
    screenshot(page, "detection_responsible")
