"""Augmentation in a browser: an own photo, the chain edited by hand, a box drawn, and the numbers against core."""

import io
import re
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from core.augmentation import Chain, describe, draw_variant, follow
from core.augmentation.marks import marks_from_text
from core.augmentation.text import chain_from_text
from pages.foundations.augmentation_chain import DEFAULT_TEXT
from tests.browser.conftest import eventually, in_link, late_answers, link_holds, screenshot, settled, upload

PAGE = "/augmentation"
HW = (240, 320)


def own_photo() -> bytes:
    coarse = np.random.default_rng(7).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(coarse).resize(HW[::-1], Image.Resampling.BICUBIC).save(buffer, "PNG")
    return buffer.getvalue()


def grid(page: Page, name: str) -> Locator:
    return page.locator(f".tiles[data-name={name}][data-ready]")


def painted(pen: Locator) -> float:
    """Share of the pen's canvas that is painted."""
    return pen.locator("canvas").evaluate(
        "canvas => { const { width: w, height: h } = canvas;"
        "const values = canvas.getContext('2d').getImageData(0, 0, w, h).data;"
        "let count = 0; for (let i = 3; i < values.length; i += 4) count += values[i] > 127; return count / (w * h); }"
    )


def test_a_dot_of_the_brush_is_seen(open_page: Callable[..., Page]) -> None:
    page = open_page(f"{PAGE}?aug_view=Targets&photo=Flower&aug_marks=m213+480,518")
    pen = page.locator(".pen[data-ready]")
    pen.wait_for()
    mask = marks_from_text("m213 480,518").mask((427, 640))
    assert painted(pen) == pytest.approx(float(mask.mean()), rel=0.05)


def shows(page: Page, chain: Chain, seed: int = 0, count: int = 9) -> None:
    """Under every variant stands what core draws for it."""
    tiles = grid(page, "augmentation_grid").locator(".tile")
    expect(tiles).to_have_count(count + 1)
    for number in range(count):
        said = [describe(each) for each in draw_variant(chain, HW, seed, number).applied]
        expect(tiles.nth(number + 1).locator(".said:not(.muted)")).to_have_text(said)


def test_the_chain_is_edited_and_the_draws_are_those_of_core(open_page: Callable[..., Page]) -> None:
    page = open_page(PAGE)
    upload(page, "mine.png", own_photo())
    shows(page, chain_from_text(DEFAULT_TEXT))
    editor = page.locator(".chain[data-ready]")
    editor.get_by_role("button", name="Rotate").click()
    expect(grid(page, "augmentation_strip").locator(".tile")).to_have_count(7)  # its strip opens
    editor.get_by_label("Rotate: high end", exact=True).fill("10")
    editor.get_by_label("Rotate: high end", exact=True).press("Enter")
    expect(editor.get_by_role("button", name="Rotate")).to_contain_text("−30 – 10°")
    editor.get_by_role("button", name="◀ Earlier").click()
    expect(editor.locator(".chip b")).to_have_text(
        ["Rotate", "Zoom", "Crop", "Contrast", "Flip left and right"]
    )
    editor.get_by_role("slider", name="probability").fill("0.4")
    expect(editor.get_by_role("button", name="Rotate")).to_contain_text("40 %")
    editor.get_by_label("Add a transform").select_option("blur")
    expect(editor.get_by_role("button", name="Blur")).to_have_attribute("aria-expanded", "true")
    editor.get_by_role("button", name="Make it one of").click()
    editor.get_by_label("Add a choice").select_option("noise")
    expect(editor.locator(".group .chip.step")).to_have_count(2)
    editor.get_by_role("button", name="Crop").click()
    editor.get_by_role("button", name="Remove").click()
    expect(editor.locator(".row")).not_to_contain_text("Crop 50")
    text = "rotate(-30,10)*0.4 one(blur|noise) zoom contrast flip*0.5"
    link_holds(page, aug_chain=text)
    shows(page, chain_from_text(text))
    page.get_by_role("button", name="Draw again").click()
    shows(page, chain_from_text(text), seed=1)
    grid(page, "augmentation_grid").locator(".tile").nth(3).click()
    draw = draw_variant(chain_from_text(text), HW, 1, 2)
    titles = ["Original", *(f"{i}. {describe(each)}" for i, each in enumerate(draw.applied, start=1))]
    expect(grid(page, "augmentation_steps").locator(".title")).to_have_text(titles)
    link_holds(page, aug_variant="3")


def test_whoever_is_quicker_than_the_answers_loses_no_edit(open_page: Callable[..., Page]) -> None:
    page = open_page(PAGE)
    answer_after = late_answers(page)
    editor = page.locator(".chain[data-ready]")
    chips = editor.locator(".chip b")
    answer_after(2000)
    editor.get_by_role("button", name="Crop").click()
    editor.get_by_role("button", name="Remove").click()
    expect(chips).to_have_text(["Zoom", "Rotate", "Contrast", "Flip left and right"], timeout=1000)
    editor.get_by_role("button", name="Zoom").click()
    editor.get_by_role("slider", name="probability").fill("0.4")
    editor.get_by_role("button", name="Later ▶").click()
    wanted = ["Rotate", "Zoom", "Contrast", "Flip left and right"]
    expect(chips).to_have_text(wanted, timeout=1000)
    for _ in range(40):  # as the late answers come in, one after the other
        assert chips.all_inner_texts() == wanted
        page.wait_for_timeout(100)
    answer_after(0)
    link_holds(page, aug_chain="rotate zoom*0.4 contrast flip*0.5", aug_strip="Zoom")
    settled(page)
    assert chips.all_inner_texts() == wanted


def test_a_drawn_box_and_a_keypoint_follow_as_core_says(open_page: Callable[..., Page]) -> None:
    page = open_page(f"{PAGE}?aug_view=Targets&aug_marks=none&aug_chain=flip+crop(0.3,0.6)&aug_visible=50")
    upload(page, "mine.png", own_photo())
    pen = page.locator(".pen[data-ready]")
    stage = pen.locator(".stage")
    pen.get_by_role("button", name="Box", exact=True).click()
    area = stage.bounding_box()
    assert area
    page.mouse.move(area["x"] + area["width"] * 0.25, area["y"] + area["height"] * 0.25)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] * 0.6, area["y"] + area["height"] * 0.5, steps=4)
    page.mouse.up()
    expect(pen.locator(".names label.box")).to_have_count(1)
    pen.get_by_role("button", name="Keypoint").click()
    stage.focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    name = pen.get_by_label("name of point 1")
    name.fill("left eye")
    name.press("Enter")
    pen.get_by_role("button", name="Brush").click()
    stage.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_text("IoU lost by the box around the corners")).to_be_visible()
    eventually(page, lambda: len(marks_from_text(in_link(page, "aug_marks")).strokes), 1)
    marks = marks_from_text(in_link(page, "aug_marks"))
    assert marks.keypoints == ((450, 490),)
    assert marks.keypoint_names == ("left eye",)
    assert np.abs(np.array(marks.boxes[0]) - (250, 250, 600, 500)).max() <= 4
    targets = marks.targets(HW)
    shares = (painted(pen), float(targets.mask.mean()))
    assert shares[0] == pytest.approx(shares[1], rel=0.1)
    tiles = grid(page, "augmentation_targets").locator(".tile")
    for number in range(9):
        draw = draw_variant(chain_from_text("flip crop(0.3,0.6)"), HW, 0, number)
        box = follow(draw, targets, min_visible=0.5).boxes[0]
        wanted = (
            f"object 1: {box.visible:.0%}".replace("%", " %") + f" visible{'' if box.kept else ', dropped'}"
        )
        expect(tiles.nth(number).locator(".said.strong")).to_have_text(wanted)
    names = set(grid(page, "augmentation_targets").locator(".mark.point").all_inner_texts())
    assert names == {"right eye"}  # every variant is mirrored
    stage.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")  # a stroke that is given up leaves the marks as they were
    pen.get_by_role("button", name="remove object 1").click()
    expect(pen.locator(".names label.box")).to_have_count(0)
    expect(page.get_by_text("Draw a box, and see")).to_be_visible()


def test_a_bad_recipe_gets_a_sentence_and_the_zip_comes(open_page: Callable[..., Page]) -> None:
    page = open_page(f"{PAGE}?aug_view=Take+home&aug_zip=3&photo=Handwriting")
    page.get_by_test_id("stFileUploaderDropzoneInput").last.set_input_files(
        {"name": "chain.yaml", "mimeType": "text/yaml", "buffer": b"steps: [{transform: spin}]"}
    )
    expect(page.get_by_text(re.compile(r"Step 1: .*got 'spin'"))).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download 3 variants").click()
    with open(download.value.path(), "rb") as file:
        assert file.read(2) == b"PK"


@pytest.mark.parametrize(
    ("view", "theme", "width"),
    [("Draws", "light", 1280), ("Targets", "dark", 1280), ("Targets", "light", 400)],
)
def test_how_it_looks(open_page: Callable[..., Page], view: str, width: int, theme: str) -> None:
    page = open_page(f"{PAGE}?aug_view={view}&photo=Flower&aug_strip=Zoom", width=width, theme=theme)
    grid(page, "augmentation_grid" if view == "Draws" else "augmentation_targets").wait_for()
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    screenshot(page, f"augmentation_{view.lower()}_{width}_{theme}")
