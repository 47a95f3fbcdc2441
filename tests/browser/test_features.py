"""The features page in a browser: a click on a map, a click on the photo, an own picture, both themes."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from core import networks
from core.bundled import bundled
from core.features import scene as scenes
from core.features.maps import channel_table, strongest_place
from core.features.scene import Look
from core.figures.features import board
from core.figures.features_stages import channel_words
from tests.browser.conftest import link_holds, screenshot, settled, upload

Open = Callable[..., Page]
LAYER = "blocks.2.0.bn1.act"


def shown(page: Page, name: str) -> Locator:
    found = page.locator(f".picture[data-name='{name}'][data-ready]")
    expect(found).to_be_visible()
    return found.locator(".stage")


def test_a_click_on_a_map_lays_it_over_the_photo(open_page: Open) -> None:
    seen = scenes.scene(Look(networks.DEFAULT), bundled("Cat"))
    maps = scenes.layer_maps(seen, LAYER)
    drawn = board(maps, channel_table(maps).order("max")[:96], shared=False, rectified=True)
    channel = drawn.channels[30]
    left, top, right, bottom = drawn.box(channel)
    page = open_page("/features")
    stage = shown(page, "feat_picture_board")
    size = stage.bounding_box()
    across, down = (left + right) / 2 / drawn.picture.width, (top + bottom) / 2 / drawn.picture.height
    stage.click(position={"x": across * size["width"], "y": down * size["height"]})
    y, x = strongest_place(maps[channel])
    expect(page.get_by_text(f"Channel {channel}, row {y}, column {x}")).to_be_visible()
    settled(page)
    shown(page, "feat_picture_photo").click(position={"x": 5, "y": 5})
    expect(page.get_by_text(f"Channel {channel}, row 0, column 0")).to_be_visible()
    link_holds(page, feat_channel=str(channel))


def test_a_click_on_the_strip_opens_a_stage(open_page: Open) -> None:
    seen = scenes.scene(Look(networks.DEFAULT), bundled("Cat"))
    page = open_page("/features")
    strip = page.locator(".tiles[data-name=feat_strip][data-ready]").locator(".tile")
    expect(strip).to_have_count(len(seen.stages))
    strip.nth(3).click()
    face = seen.stages[3].face
    words = f"{face.channels} maps of {face.hw[0]} × {face.hw[1]}"
    expect(page.get_by_text(words)).to_be_visible()
    expect(strip.nth(3)).to_have_class("tile picked")
    stage = seen.stages[3]
    link_holds(page, feat_stage=f"{stage.hw[0]} × {stage.hw[1]} × {channel_words(stage)}")


@pytest.mark.parametrize("width, theme", [(1280, "light"), (1280, "dark"), (400, "light")])
def test_the_page_fits_and_is_kept_as_a_picture(open_page: Open, width: int, theme: str) -> None:
    page = open_page("/features?feat_section=Cut+the+wire", width=width, theme=theme)
    expect(page.get_by_text("tiger cat").first).to_be_visible()
    shown(page, "feat_picture_board")
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0
    assert screenshot(page, f"features_{width}_{theme}").exists()


def test_an_own_picture_is_looked_at(open_page: Open) -> None:
    page = open_page("/features")
    before = page.get_by_test_id("stProgress").first.inner_text()
    file = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 255, (90, 400, 3), dtype=np.uint8)
    Image.fromarray(noise).save(file, "PNG")
    upload(page, "noise.png", file.getvalue())
    expect(page.get_by_test_id("stProgress").first).not_to_have_text(before)
    shown(page, "feat_picture_photo")
