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
from core.style.pictures import STYLES, style_picture
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


def test_a_finger_drags_the_line(open_page: Callable[..., Page]) -> None:
    page = open_page("/style?photo=Coffee", width=400)
    line = page.get_by_role("slider", name="A line between the photo and the photo in the style")
    expect(line).to_have_attribute("aria-valuenow", "50")
    line.scroll_into_view_if_needed()
    settled(page)
    box = line.bounding_box()
    y, at = box["y"] + 40, lambda share: box["x"] + share * box["width"]
    finger = page.context.new_cdp_session(page)
    finger.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    for kind, share in (("touchStart", 0.5), ("touchMove", 0.6), ("touchMove", 0.75)):
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": at(share), "y": y}]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(line).to_have_attribute("aria-valuenow", "75")
    assert (
        line.evaluate("element => getComputedStyle(element).touchAction") == "pan-y"
    )  # down still scrolls the page


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


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (400, "dark")], ids=["wide", "phone"])
def test_before_the_start_there_is_a_picture(open_page: Callable[..., Page], width: int, theme: str) -> None:
    page = open_page(
        "/style?style_view=Step+by+step&style_weights=untrained&photo=Coffee", width=width, theme=theme
    )
    expect(page.get_by_alt_text("The first picture").first).to_be_visible(timeout=LONG)
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, f"style_before_{width}_{theme}")


def test_a_finished_run_lies_under_a_line_and_in_the_x_ray(open_page: Callable[..., Page]) -> None:
    page = open_page(f"/style?{RUN}&style_steps=40")
    page.locator(".st-key-style_go button").click()
    expect(page.get_by_text("at the last picture").first).to_be_visible(timeout=LONG)
    settled(page)
    line = page.get_by_role("slider", name=re.compile("A line between the photo and the picture after"))
    line.press("Home")
    expect(line).to_have_attribute("aria-valuenow", "0")
    page.get_by_role("radio", name="the first picture").click()
    other = page.get_by_role(
        "slider", name=re.compile("A line between the first picture and the picture after")
    )
    expect(other).to_be_visible()
    settled(page)
    screenshot(page, "style_done_1280_light")
    page.get_by_role("radio", name="Why it works").click()
    page.get_by_role("radio", name="Gram X-ray").click()
    page.get_by_role("radio", name="of the run").click()
    expect(page.get_by_text("Style − current picture").first).to_be_visible(timeout=LONG)
    settled(page)
    expect(page.get_by_text("There is no run yet")).to_have_count(0)
    expect(
        page.get_by_role("application", name="Gram matrix of the current picture: 256 x 256")
    ).to_be_visible()
    screenshot(page, "style_xray_1280_light")


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (400, "dark")], ids=["wide", "phone"])
def test_the_x_ray_of_what_is_painted_at_once(open_page: Callable[..., Page], width: int, theme: str) -> None:
    page = open_page(
        "/style?style_view=Why+it+works&style_section=Gram+X-ray&style_weights=untrained&photo=Coffee"
        "&style_why_layer=relu2_1",
        width=width,
        theme=theme,
    )
    missing = page.get_by_role(
        "application", name="Gram matrix of the style minus that of the photo: 128 x 128"
    )
    expect(missing).to_be_visible(timeout=LONG)
    patches = page.locator('.tiles[data-name="style_patches_style"] .tile')
    expect(patches).to_have_count(4)
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    named = page.get_by_text(re.compile(r"Channels \d+ and \d+ of relu2_1, the same two")).first
    ranked = named.inner_text()
    missing.click(position={"x": 120, "y": 60})
    expect(named).not_to_have_text(ranked)
    first, second = (int(number) for number in re.findall(r"\d+", named.inner_text())[:2])
    assert 0 <= first < second < 128  # right of the diagonal, so two different ones
    link_holds(page, style_pairs="any two", style_pair_second=str(second))
    link_holds(page, style_pair_first=str(first) if first else "")  # 0 is where a link begins
    settled(page)
    screenshot(page, f"style_xray_once_{width}_{theme}")


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (400, "dark")], ids=["wide", "phone"])
def test_styles_stand_in_their_order(open_page: Callable[..., Page], width: int, theme: str) -> None:
    page = open_page(
        "/style?style_view=Why+it+works&style_section=Distance&style_weights=untrained&photo=Coffee",
        width=width,
        theme=theme,
    )
    tiles = page.locator('.tiles[data-name="style_ranked_untrained"] .tile')
    expect(tiles).to_have_count(len(STYLES), timeout=LONG)
    distances = [float(text.split()[-1]) for text in tiles.all_inner_texts()]
    assert distances == sorted(distances)
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, f"style_distance_{width}_{theme}")


def test_three_codes_run_side_by_side(open_page: Callable[..., Page]) -> None:
    link = (
        "style_view=Three+codes&style_weights=untrained&style_codes_side=64&style_codes_steps=20&photo=Coffee"
    )
    page = open_page(f"/style?{link}")
    page.locator(".st-key-style_codes_go button").click()
    for title in ("Gatys et al.", "PyTorch tutorial", "Johnson et al.", "Faders as shares of the pull"):
        made = page.get_by_role("application", name=re.compile(f"^{re.escape(title)}: after"))
        expect(made).to_be_visible(timeout=LONG)
    expect(page.get_by_text("Four runs: done").first).to_be_visible(timeout=LONG)
    settled(page)
    screenshot(page, "style_codes_1280_light")


def test_three_codes_fit_a_phone(open_page: Callable[..., Page]) -> None:
    page = open_page(
        "/style?style_view=Three+codes&style_weights=untrained&photo=Coffee", width=400, theme="dark"
    )
    expect(page.get_by_text("Which β weighs a layer").first).to_be_visible(timeout=LONG)
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, "style_codes_400_dark")
