"""The first page in a real browser: pictures, links and looks."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import eventually, screenshot, settled

Open = Callable[..., Page]
CARDS = 24


def pictures_of_cards(page: Page) -> list[str]:
    """The addresses of the pictures that show something."""
    return page.evaluate(
        "[...document.querySelectorAll('[data-testid=stColumn] img')]"
        ".filter(image => image.complete && image.naturalWidth > 300 && image.alt).map(image => image.src)"
    )


def all_there(page: Page) -> None:
    """Wait for the last pictures: they come when the server has loaded PyTorch."""
    page.wait_for_function(
        f"document.querySelectorAll('[data-testid=stColumn] img').length === {CARDS}", timeout=90_000
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_every_card_has_its_picture_at_every_width(open_page: Open, width: int, theme: str) -> None:
    page = open_page("/", width=width, theme=theme)
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    all_there(page)
    screenshot(page, f"overview_{width}_{theme}")
    assert len(set(pictures_of_cards(page))) == CARDS
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= width


def test_the_pictures_follow_the_photo_and_the_links_keep_it(open_page: Open) -> None:
    page = open_page("/")
    all_there(page)
    before = pictures_of_cards(page)
    page.get_by_role("combobox", name="Picture").click()
    page.get_by_role("option", name="Rocket").click()
    page.wait_for_function("location.search.includes('Rocket')")
    settled(page)
    all_there(page)

    def same() -> tuple[int, list[int]]:
        after = pictures_of_cards(page)
        return len(after), [place for place, (a, b) in enumerate(zip(before, after, strict=False)) if a == b]

    # no photo: the drawings of a layer's cost, a stack and a desk, the filters, transfer learning's, the styles
    eventually(page, same, (len(before), [2, 3, 10, 12, 13, 14, 21, 22]))
    page.get_by_role("link", name="Count the cost").click()
    expect(page.get_by_role("heading", name="Convolution", exact=True)).to_be_visible()
    settled(page)
    expect(page.get_by_role("combobox", name="Picture")).to_have_value("Rocket")
    expect(page.get_by_text("Depthwise:")).to_be_visible()
