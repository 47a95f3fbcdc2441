"""The photo view in a browser: an own photo, a click, the numbers on screen against core, the film of the learning."""

import io
import re
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from core.convolution import Layer
from core.convolution.kernels import PRESETS
from core.convolution.photo_layer import PhotoLayer
from core.convolution.photo_window import window_at
from pages.shared.window_sum import plain_number
from tests.browser.conftest import link_holds, screenshot, upload

VALUES = {one.name: one.values for one in PRESETS}

VIEW = "/convolution?conv_view=Photo"
SOBEL = tuple(map(tuple, VALUES["sobel_x"].tolist()))
LAYER = PhotoLayer((SOBEL,), Layer(padding=(1, 1, 1, 1)))


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def pictures(page: Page, count: int = 2) -> Locator:
    """The pictures of the view, once all of them are drawn."""
    drawn = page.locator("figure.picture[data-ready]")
    expect(drawn).to_have_count(count)
    return drawn


def click_pixel(figure: Locator, hw: tuple[int, int], place: tuple[int, int]) -> None:
    """Click the middle of a pixel, (row, column), of a picture that shows no margin."""
    stage = figure.locator(".stage")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    assert box
    stage.click(
        position={"x": box["width"] * (place[1] + 0.5) / hw[1], "y": box["height"] * (place[0] + 0.5) / hw[0]}
    )


def shows_window(page: Page, pixels: np.ndarray, unit: tuple[int, int]) -> None:
    """The arithmetic on screen is that of this output."""
    window = window_at(LAYER, pixels, unit)
    panel = page.locator(".sum[data-ready]")
    expect(panel).to_have_attribute("aria-label", re.compile(rf"row {unit[0]}, column {unit[1]}:"))
    expect(panel.locator(".total b")).to_have_text(plain_number(window.total))
    tables = panel.locator("table")
    for channel in range(3):
        cells = tables.nth(3 * channel).locator("td").all_inner_texts()
        assert cells == [f"{value:.0f}" for value in window.values[channel].ravel()]
        sums = panel.locator(".result").nth(channel)
        expect(sums).to_have_text(plain_number(window.sums[channel]))


def test_a_click_on_an_own_photo_shows_the_numbers_of_core(open_page: Callable[..., Page]) -> None:
    pixels = np.random.default_rng(7).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    page = open_page(VIEW)
    upload(page, "noise.png", png(pixels))
    photo, output = pictures(page).nth(0), pictures(page).nth(1)
    expect(photo.locator(".where")).to_have_text("24 × 32 pixels")
    shows_window(page, pixels, (12, 16))
    click_pixel(photo, (24, 32), (5, 9))
    shows_window(page, pixels, (5, 9))
    expect(page.get_by_label("Output row", exact=True)).to_have_value("5")
    click_pixel(output, (24, 32), (20, 30))
    shows_window(page, pixels, (20, 30))
    link_holds(page, conv_photo_row="20", conv_photo_column="30")


def test_the_keyboard_picks_and_hovering_reruns_nothing(open_page: Callable[..., Page]) -> None:
    page = open_page(VIEW + "&photo=Coffee")
    output = pictures(page).nth(1)
    drawn = output.get_attribute("data-drawn")
    stage = output.locator(".stage")
    stage.hover(position={"x": 30, "y": 40})
    expect(output.locator(".where")).to_have_text(re.compile(r"^row \d+, column \d+$"))
    stage.focus()
    page.keyboard.press("Shift+ArrowUp")
    expect(output.locator(".where")).to_have_text(re.compile(r"^row "))
    page.keyboard.press("ArrowRight")
    where = output.locator(".where").inner_text()
    assert output.get_attribute("data-drawn") == drawn
    page.keyboard.press("Enter")
    row, column = map(int, re.findall(r"\d+", where))
    expect(page.get_by_label("Output row", exact=True)).to_have_value(str(row))
    expect(page.get_by_label("Output column", exact=True)).to_have_value(str(column))


def test_a_window_at_the_border_shows_the_padding(open_page: Callable[..., Page]) -> None:
    page = open_page(VIEW + "&photo=Cat&conv_photo_row=0&conv_photo_column=0&conv_photo_dilation=8")
    photo = pictures(page).nth(0)
    left = photo.locator("img.base").evaluate("image => parseFloat(image.style.left)")
    assert left > 0  # the photo makes room for the eight columns of padding beside it
    stage = photo.locator(".stage")
    stage.hover(position={"x": 2, "y": 2})
    expect(photo.locator(".where")).to_have_text("outside the picture")


def test_a_slider_changes_the_output(open_page: Callable[..., Page]) -> None:
    page = open_page(VIEW + "&photo=Coffee")
    output = pictures(page).nth(1)
    expect(output.locator(".where")).to_have_text(re.compile(r"^400 × 600 pixels"))
    page.get_by_role("slider", name="Stride").focus()
    page.keyboard.press("ArrowRight")
    expect(output.locator(".where")).to_have_text(re.compile(r"^200 × 300 pixels"))
    link_holds(page, conv_photo_stride="2")


def test_a_filter_is_learned_before_the_eyes(open_page: Callable[..., Page]) -> None:
    page = open_page(VIEW + "&photo=Coffee&conv_photo_section=Learn+this+filter")
    film = page.locator(".learn[data-ready]")
    last = film.locator("input").get_attribute("max")
    expect(film).to_have_attribute("data-frame", str(last))  # it has played to its end
    weights = film.locator(".kernel td").all_inner_texts()
    learned = [float(text.replace("−", "-")) for text in weights]
    assert np.abs(np.array(learned) - VALUES["sobel_x"].ravel()).max() < 2e-3
    film.locator("input").focus()
    page.keyboard.press("Home")
    expect(film).to_have_attribute("data-frame", "0")
    expect(film.locator(".where")).to_have_text(re.compile(r"^step 0: loss "))
    film.get_by_role("button").click()
    expect(film).to_have_attribute("data-frame", str(last))


@pytest.mark.parametrize(
    ("section", "count"), [("Colour channels", 6), ("Several filters", 6), ("Shift test", 3)], ids=str
)
def test_the_other_sections_draw_their_pictures(
    open_page: Callable[..., Page], section: str, count: int
) -> None:
    page = open_page(
        f"{VIEW}&photo=Handwriting&conv_photo_stride=2&conv_photo_section={section.replace(' ', '+')}"
    )
    pictures(page, count)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_how_it_looks(open_page: Callable[..., Page], width: int, theme: str) -> None:
    page = open_page(
        VIEW + "&photo=Flower&conv_photo_row=120&conv_photo_column=200", width=width, theme=theme
    )
    pictures(page)
    page.locator(".sum[data-ready]").wait_for()
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    screenshot(page, f"convolution_photo_{width}_{theme}")
