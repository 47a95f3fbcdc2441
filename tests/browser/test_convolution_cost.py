"""The cost view in a real browser: the wiring answers, the numbers are core's, and it looks right."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from core.convolution.cost import SEPARABLE, ConvLayer, arrange
from pages.shared.formula_view import plain_number
from tests.browser.conftest import screenshot

Open = Callable[..., Page]
LAYER = ConvLayer(8, 16, (3, 3), (32, 32), padding=(1, 1))
VIEW = "/convolution?conv_view=Cost"
GROUPED = VIEW + "&conv_cost_wiring=4+groups&conv_cost_section=Standard+to+depthwise"
SEPARATED = VIEW + "&conv_cost_wiring=depthwise+%2B+pointwise"
WIDE = SEPARATED + "&conv_cost_channels=192&conv_cost_filters=64&conv_cost_section=What+drives+the+cost"


def wires(page: Page):
    page.wait_for_selector(".wires[data-ready]", timeout=90_000)
    return page.locator(".wires")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("name, link", [("grouped", GROUPED), ("wide", WIDE)])
def test_the_view_fits_every_width(open_page: Open, name: str, link: str, width: int, theme: str) -> None:
    page = open_page(link, width=width, theme=theme)
    drawing = wires(page)
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    screenshot(page, f"convolution_cost_{name}_{width}_{theme}")
    box = drawing.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= width


def test_pointing_at_a_filter_shows_what_it_reads(open_page: Open) -> None:
    page = open_page(GROUPED)
    drawing = wires(page)
    expect(drawing.locator(".wire")).to_have_count(32)
    drawing.locator("[data-column='1'][data-item='5']").hover()
    expect(drawing.locator(".told")).to_have_text(
        "Filter 6 reads channels 3 to 4 through 2 kernels of 3 × 3."
    )
    expect(drawing.locator(".wire.lit")).to_have_count(2)
    drawing.locator("[data-column='0'][data-item='0']").hover()
    expect(drawing.locator(".told")).to_have_text("Channel 1 feeds filters 1 to 4.")
    expect(drawing.locator(".wire.lit")).to_have_count(4)


def test_the_arrow_keys_follow_the_wires_too(open_page: Open) -> None:
    page = open_page(SEPARATED)
    drawing = wires(page)
    drawing.locator("svg").focus()
    page.keyboard.press("ArrowDown")
    expect(drawing.locator(".told")).to_have_text("Filter 1 reads maps 1 to 8 through 8 kernels of 1 × 1.")
    expect(drawing.locator(".wire.lit")).to_have_count(8 + 8)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    expect(drawing.locator(".told")).to_have_text(
        "Map 2 reads channel 2 through 1 kernel of 3 × 3 and feeds filters 1 to 16."
    )
    page.keyboard.press("Escape")
    expect(drawing.locator(".wire.lit")).to_have_count(0)


def test_the_wiring_slider_moves_numbers_drawing_and_link(open_page: Open) -> None:
    page = open_page(VIEW)
    drawing = wires(page)
    expect(drawing.locator(".wire")).to_have_count(8 * 16)
    slider = page.get_by_role("slider", name="Wiring")
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(drawing.locator(".wire")).to_have_count(8 + 8 * 16)
    cost = arrange(LAYER, SEPARABLE).cost
    expect(page.get_by_text(plain_number(cost.macs.value), exact=True).first).to_be_visible()
    expect(page.get_by_text(plain_number(cost.parameters.value), exact=True).first).to_be_visible()
    page.wait_for_function("location.search.includes('conv_cost_wiring=depthwise')")
