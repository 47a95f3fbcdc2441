"""Style transfer as a visitor sees it: at once, and a short run started, paused, changed, continued, taken home."""

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import in_link, link_holds, screenshot, settled

LONG = 240_000
RUN = "style_view=Step+by+step&style_weights=untrained&style_side=96&photo=Coffee"


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (400, "dark")], ids=["wide", "phone"])
def test_a_style_is_there_at_once(open_page: Callable[..., Page], width: int, theme: str) -> None:
    page = open_page("/style?photo=Astronaut", width=width, theme=theme)
    expect(page.get_by_text("The style in 100 numbers")).to_be_visible()
    expect(page.get_by_alt_text("The photo in the style").first).to_be_visible()
    page.get_by_text("The made styles: click one").click()
    page.locator('.tiles[data-name="style_tiles"] .tile').nth(2).click()
    link_holds(page, style_pictures="glass")
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, f"style_once_{width}_{theme}")


def test_a_run_is_paused_changed_continued_and_taken_home(open_page: Callable[..., Page]) -> None:
    page = open_page(f"/style?{RUN}&style_steps=600")
    page.locator(".st-key-style_go button").click()
    expect(page.get_by_text(re.compile(r"step \d+ of 600"))).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Continue")).to_be_visible(timeout=LONG)
    stopped = page.get_by_text(re.compile(r"^step \d+ · ")).inner_text()
    slider = page.locator(".st-key-style_style").get_by_role("slider")
    slider.press("ArrowRight")
    expect(page.get_by_text("Made with other settings")).to_be_visible()
    assert in_link(page, "style_style") == "2"
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible(timeout=LONG)
    expect(page.get_by_text(re.compile(r"^step \d+ · "))).not_to_have_text(stopped, timeout=LONG)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Continue")).to_be_visible(timeout=LONG)
    settled(page)
    screenshot(page, "style_steps_1280_light")
    with page.expect_download() as coming:
        page.get_by_role("button", name="Film (GIF)").click()
    film = Image.open(io.BytesIO(coming.value.path().read_bytes()))
    assert film.n_frames > 1
    assert max(film.size) == 96
