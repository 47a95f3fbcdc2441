"""Style transfer as a visitor sees it: at once, and a short run started, paused, changed, continued, taken home."""

import io
import re
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core.bundled import bundled
from core.style.fast import paint
from core.style.pictures import style_picture
from tests.browser.conftest import in_link, link_holds, screenshot, settled

LONG = 240_000
RUN = "style_view=Step+by+step&style_weights=untrained&style_side=96&photo=Coffee"


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (400, "dark")], ids=["wide", "phone"])
def test_a_style_is_there_at_once(open_page: Callable[..., Page], width: int, theme: str) -> None:
    page = open_page("/style?photo=Astronaut", width=width, theme=theme)
    expect(page.get_by_text("The style in 100 numbers").first).to_be_visible()
    expect(page.get_by_alt_text("The photo in the style")).to_be_visible()
    page.locator('.tiles[data-name="style_tiles"] .tile').nth(2).click()
    link_holds(page, style_pictures="glass")
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, f"style_once_{width}_{theme}")


def test_the_line_is_dragged_and_moved_by_keys(open_page: Callable[..., Page]) -> None:
    page = open_page("/style?photo=Coffee")
    line = page.get_by_role("slider", name="A line between the photo and the photo in the style")
    expect(line).to_have_attribute("aria-valuenow", "50")
    box = line.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 60, steps=4)
    page.mouse.up()
    expect(line).to_have_attribute("aria-valuenow", "25")
    line.press("ArrowRight")
    expect(line).to_have_attribute("aria-valuenow", "27")
    line.press("Shift+ArrowLeft")
    expect(line).to_have_attribute("aria-valuetext", "17% Photo, 83% In the style")
    line.press("End")
    line.press("ArrowRight")
    expect(line).to_have_attribute("aria-valuenow", "100")
    page.locator(".st-key-style_strength").get_by_role("slider").press("ArrowLeft")
    link_holds(page, style_strength="0.9")
    settled(page)
    expect(line).to_have_attribute("aria-valuenow", "100")  # a new result leaves the line where it is


def test_what_is_downloaded_is_what_core_paints(open_page: Callable[..., Page]) -> None:
    page = open_page("/style?photo=Coffee&style_pictures=ink&style_size=512")
    with page.expect_download() as coming:
        page.get_by_role("button", name="Picture (PNG)").click()
    found = np.asarray(Image.open(io.BytesIO(coming.value.path().read_bytes())))
    wanted = paint(bundled("Coffee").pixels, [(style_picture("ink"), 1.0)], side=512).pixels
    np.testing.assert_allclose(found.astype(int), wanted.astype(int), atol=2)


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (400, "dark")], ids=["wide", "phone"])
def test_a_learned_style_is_picked_from_the_sheet(
    open_page: Callable[..., Page], width: int, theme: str
) -> None:
    page = open_page("/style?photo=Cat&style_network=26+learned+styles", width=width, theme=theme)
    sheet = page.locator('.tiles[data-name="style_sheet"] .tile')
    expect(sheet).to_have_count(26)
    sheet.nth(3).click()
    link_holds(page, style_learned="3")
    expect(sheet.nth(3)).to_have_attribute("aria-pressed", "true")
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, f"style_learned_{width}_{theme}")


def test_an_own_style_stays_in_the_session(open_page: Callable[..., Page]) -> None:
    page = open_page("/style?photo=Coffee")
    page.get_by_role("button", name="Your own style").click()
    buffer = io.BytesIO()
    Image.fromarray(style_picture("gold", 64)).save(buffer, "PNG")
    file = {"name": "my gold.png", "mimeType": "image/png", "buffer": buffer.getvalue()}
    page.get_by_test_id("stFileUploaderDropzoneInput").last.set_input_files(file)
    link_holds(page, style_pictures="my gold.png")
    settled(page)
    expect(page.get_by_text("The style in 100 numbers").first).to_be_visible()


def test_a_run_is_paused_changed_continued_and_taken_home(open_page: Callable[..., Page]) -> None:
    page = open_page(f"/style?{RUN}&style_steps=600")
    page.locator(".st-key-style_go button").click()
    expect(page.get_by_text(re.compile(r"step \d+ of 600")).first).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Continue")).to_be_visible(timeout=LONG)
    stopped = page.get_by_text(re.compile(r"^step \d+ · ")).first.inner_text()
    slider = page.locator(".st-key-style_style").get_by_role("slider")
    slider.press("ArrowRight")
    expect(page.get_by_text("Made with other settings").first).to_be_visible()
    assert in_link(page, "style_style") == "2"
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible(timeout=LONG)
    expect(page.get_by_text(re.compile(r"^step \d+ · ")).first).not_to_have_text(stopped, timeout=LONG)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Continue")).to_be_visible(timeout=LONG)
    settled(page)
    screenshot(page, "style_steps_1280_light")
    with page.expect_download() as coming:
        page.get_by_role("button", name="Film (GIF)").click()
    film = Image.open(io.BytesIO(coming.value.path().read_bytes()))
    assert film.n_frames > 1
    assert max(film.size) == 96
