"""The receptive field page in a browser: the stack editor and its cone, real networks, and a photo that is poked."""

import io
import re
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from core.receptive_field import network_fields, stack_from_text, trace_stack, unit_box
from core.receptive_field.backward import read_indices
from core.receptive_field.placement import nearest_unit
from pages.shared.linked_stack import DEFAULT_SIDE, DEFAULT_TEXT
from tests.browser.conftest import late_answers, link_holds, screenshot, settled, upload

Open = Callable[..., Page]
LAYERS = stack_from_text(DEFAULT_TEXT)
ROWS = trace_stack(LAYERS, (DEFAULT_SIDE, DEFAULT_SIDE))


def bench(page: Page) -> Locator:
    shown = page.locator(".bench[data-ready]")
    expect(shown).to_be_visible()
    return shown


def cone(page: Page) -> Locator:
    return bench(page).locator(".drawing > svg")


def setting(page: Page, layer: int, name: str) -> Locator:
    return bench(page).get_by_label(f"layer {layer}: {name}")


def choose_unit(page: Page, level: int, unit: int) -> None:
    """Go to a unit with the arrow keys, so that no geometry is assumed."""
    cone(page).focus()
    for _ in range(30):
        at = cone(page).get_attribute("data-unit") or ""
        here_level, here_unit = map(int, at.split(":"))
        if (here_level, here_unit) == (level, unit):
            return
        if here_level != level:
            page.keyboard.press("ArrowDown" if here_level < level else "ArrowUp")
        else:
            page.keyboard.press("ArrowRight" if here_unit < unit else "ArrowLeft")
    raise AssertionError(f"unit {level}:{unit} was not reached, got {at}")


@pytest.mark.parametrize("level, unit", [(4, 4), (4, 0), (2, 15), (1, 3)], ids=str)
def test_the_cone_reads_what_core_reads(open_page: Open, level: int, unit: int) -> None:
    page = open_page("/receptive_field")
    choose_unit(page, level, unit)
    read = read_indices(LAYERS[:level], unit)
    inside = read[(read >= 0) & (read < DEFAULT_SIDE)]
    words = bench(page).locator(".told")
    expect(words).to_contain_text(f"reads {inside.size} pixels ({inside[0]} to {inside[-1]})")
    x1, _, x2, _ = unit_box(ROWS[level], (unit, unit))
    outside = max(0, -x1) + max(0, x2 - DEFAULT_SIDE)
    if outside:
        expect(words).to_contain_text(f"{outside:g} of its {ROWS[level].size} px lie outside")
    expect(bench(page).locator("text.field")).to_have_text(f"{ROWS[level].size} px")


def test_hovering_follows_the_pointer_and_a_click_pins(open_page: Open) -> None:
    page = open_page("/receptive_field")
    box = cone(page).bounding_box()
    rows = [bench(page).locator(".row.layer").nth(i).bounding_box() for i in (0, 3)]
    page.mouse.move(box["x"] + 0.3 * box["width"], rows[1]["y"] + rows[1]["height"] / 2)
    expect(cone(page)).to_have_attribute("data-unit", re.compile("^4:"))
    page.mouse.move(box["x"] + 0.6 * box["width"], rows[0]["y"] + rows[0]["height"] / 2)
    expect(cone(page)).to_have_attribute("data-unit", re.compile("^1:"))
    high = cone(page).get_attribute("data-unit") or ""
    page.mouse.down()
    page.mouse.up()
    page.mouse.move(box["x"] + 0.2 * box["width"], rows[1]["y"])
    expect(cone(page)).to_have_attribute("data-unit", high)
    expect(bench(page).locator(".told")).to_contain_text("Pinned")
    cone(page).press("Escape")
    expect(bench(page).locator(".told")).not_to_contain_text("Pinned")


def test_an_edit_changes_stack_numbers_and_link_and_survives_a_reload(open_page: Open) -> None:
    page = open_page("/receptive_field")
    setting(page, 2, "kernel").fill("5")
    setting(page, 2, "kernel").press("Enter")
    changed = "c3s2p1x16 c5p1x32 m2 c3p1x64"
    size = trace_stack(stack_from_text(changed), (DEFAULT_SIDE, DEFAULT_SIDE))[-1].size
    metric = page.get_by_test_id("stMetricValue").first
    expect(metric).to_have_text(f"{size} px")
    bench(page).get_by_role("button", name="Add layer").click()
    longer = "c3s2p1x16 c5p1x32 c3p1x32 m2 c3p1x64"
    size = trace_stack(stack_from_text(longer), (DEFAULT_SIDE, DEFAULT_SIDE))[-1].size
    expect(metric).to_have_text(f"{size} px")
    bench(page).get_by_role("button", name="Move down").click()
    expect(setting(page, 3, "kind")).to_have_value("max_pool")
    link_holds(page, rf_stack="c3s2p1x16 c5p1x32 m2 c3p1x32 c3p1x64")
    page.reload()
    settled(page)
    expect(bench(page).locator(".row.layer")).to_have_count(5)
    expect(setting(page, 3, "kind")).to_have_value("max_pool")
    page.get_by_text("Real networks", exact=True).click()
    expect(page.get_by_test_id("stPlotlyChart").first).to_be_visible(timeout=90_000)
    page.get_by_text("Stack", exact=True).click()
    expect(bench(page).locator(".row.layer")).to_have_count(5)


def test_edits_that_are_quicker_than_the_answers_all_count(open_page: Open) -> None:
    page = open_page("/receptive_field")
    answer_after = late_answers(page)
    rows = bench(page).locator(".row.layer")
    add = bench(page).get_by_role("button", name="Add layer")
    answer_after(2000)
    add.click()
    add.click()
    expect(rows).to_have_count(len(LAYERS) + 2, timeout=1000)
    setting(page, 3, "kernel").fill("5")
    setting(page, 3, "kernel").press("Enter")
    for _ in range(40):  # as the late answers come in, one after the other
        assert rows.count() == len(LAYERS) + 2
        assert setting(page, 3, "kernel").input_value() == "5"
        page.wait_for_timeout(100)
    answer_after(0)
    text = "c3s2p1x16 c3p1x16 c5p1x16 c3p1x32 m2 c3p1x64"
    link_holds(page, rf_stack=text)
    size = trace_stack(stack_from_text(text), (DEFAULT_SIDE, DEFAULT_SIDE))[-1].size
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(f"{size} px")


def test_an_impossible_edit_is_refused_with_a_reason(open_page: Open) -> None:
    page = open_page("/receptive_field")
    setting(page, 4, "dilation").fill("16")
    setting(page, 4, "dilation").press("Enter")
    expect(bench(page).get_by_role("alert")).to_contain_text("leaves nothing")
    expect(setting(page, 4, "dilation")).to_have_value("1")


def test_a_preset_and_the_hidden_field_of_a_question(open_page: Open) -> None:
    page = open_page("/receptive_field?ask=field")
    expect(page.get_by_test_id("stMetricValue").first).to_have_text("?")
    expect(bench(page).locator(".told")).to_contain_text("hidden until")
    expect(bench(page).locator("text.field")).to_have_count(0)
    page.get_by_text("VGG-16", exact=True).click()
    expect(bench(page).locator(".row.layer")).to_have_count(18)
    expect(bench(page).locator("output.field").last).to_have_text("?")


def own_picture() -> bytes:
    """A photo that is wider than high, so that the middle square is cut out of it."""
    rows, columns = np.mgrid[0:180, 0:300]
    pixels = np.stack([rows, columns % 256, 255 - rows], axis=-1).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_unit_of_an_own_photo_is_chosen_and_poked(open_page: Open) -> None:
    page = open_page("/receptive_field?rf_view=On+your+photo&rf_net_layer=layer1.1.conv2")
    upload(page, "stripes.png", own_picture())
    stage = page.locator(".picture[data-ready] .stage")
    expect(stage).to_be_visible(timeout=90_000)
    box = stage.bounding_box()
    stage.click(position={"x": 0.25 * box["width"], "y": 0.5 * box["height"]})
    row = next(field for field in network_fields("resnet18") if field.name == "layer1.1.conv2")
    unit = nearest_unit(row, (112, 56))
    expect(page.get_by_text(f"Unit ({unit[0]}, {unit[1]})")).to_be_visible()
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(f"{row.size} px")
    page.get_by_text("Poke a pixel", exact=True).click()
    page.get_by_role("button", name="Poke both sides of the edge").click()
    expect(page.get_by_test_id("stTable").locator("tbody tr")).to_have_count(2)
    outside = page.get_by_test_id("stTable").locator("tbody tr", has_text="outside")
    expect(outside.locator("td").last).to_have_text("0")
    settled(page)
    stage.click(position={"x": 0.26 * box["width"], "y": 0.5 * box["height"]})
    rows = page.get_by_test_id("stTable").locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("inside")
    assert float(rows.first.locator("td").last.inner_text()) != 0


VIEWS = {
    "stack": "?rf_panel=How+it+grows",
    "stack_deep": "?rf_stack=c3p1x64+c3p1x64+m2+c3p1x128+c3p1x128+m2+c3p1x256+c3p1x256+c3p1x256+m2&rf_side=224",
    "stack_holes": "?rf_panel=Holes&rf_stack=c3p2d2x64+c3p2d2x64+c3p2d2x64",
    "networks": "?rf_view=Real+networks&network=resnet50",
    "photo_corner": "?rf_view=On+your+photo&photo=Astronaut&rf_x=20&rf_y=30",
    "photo_poke": "?rf_view=On+your+photo&rf_mode=Poke+a+pixel&rf_pokes=20.20+100.120",
}


@pytest.mark.parametrize("theme, width", [("light", 1280), ("dark", 400)], ids=["light_1280", "dark_400"])
@pytest.mark.parametrize("name", VIEWS)
def test_every_view_is_drawn(open_page: Open, name: str, theme: str, width: int) -> None:
    page = open_page(f"/receptive_field{VIEWS[name]}", theme=theme, width=width)
    drawn = page.locator(".bench[data-ready], .picture[data-ready], .stPlotlyChart .main-svg").first
    expect(drawn).to_be_visible(timeout=90_000)
    assert not page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth > innerWidth")
    screenshot(page, f"receptive_field_{name}_{theme}_{width}")
