"""The Numbers view in a real browser: what the mouse and the keyboard bring up, against core."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from core.convolution import PRESETS, Layer, matrix_from_text, run, wire
from core.figures.convolution import work_through
from core.figures.convolution_tables import sum_in_words
from pages.foundations.convolution_numbers_grid import SEVEN
from tests.browser.conftest import eventually, in_link, link_holds, screenshot

Open = Callable[..., Page]
GRID = matrix_from_text(SEVEN)
SOBEL = next(known.values for known in PRESETS if known.label == "Sobel x")
NUMBERS = work_through(Layer(), GRID, SOBEL)


def visit(open_page: Open, query: str = "", **how) -> Page:
    page = open_page(f"/convolution?{query}", **how)
    ready(page)
    return page


def ready(page: Page) -> None:
    page.locator(".numbers[data-ready]").wait_for()


def cell(page: Page, panel: str, row: int, column: int) -> Locator:
    return page.locator(f".cell[data-panel={panel}][data-row='{row}'][data-column='{column}']")


def lit(page: Page, panel: str) -> set[tuple[int, int]]:
    found = page.locator(f".cell[data-panel={panel}][data-lit]").all()
    return {(int(one.get_attribute("data-row")), int(one.get_attribute("data-column"))) for one in found}


def shown(page: Page, panel: str) -> list[str]:
    return page.locator(f".cell[data-panel={panel}] text").all_text_contents()


def test_the_output_is_that_of_core_hovering_shows_its_products_and_a_click_pins(open_page: Open) -> None:
    page = visit(open_page)
    assert [
        float(word.replace("−", "-")) for word in shown(page, "output")
    ] == NUMBERS.output.ravel().tolist()
    cell(page, "output", 2, 3).hover()
    expect(page.locator(".sum")).to_have_text(
        f"Output at row 2, column 3: {sum_in_words(NUMBERS, 2 * 5 + 3)}"
    )
    assert lit(page, "input") == {(row, column) for row in (2, 3, 4) for column in (3, 4, 5)}
    assert len(lit(page, "kernel")) == 9 and lit(page, "output") == {(2, 3)}
    page.mouse.move(5, 5)
    expect(page.locator(".sum")).to_contain_text("Point at an output")
    assert not lit(page, "input")
    cell(page, "output", 0, 0).click()
    cell(page, "output", 4, 4).hover()
    expect(page.locator(".sum.pinned")).to_contain_text("row 0, column 0")
    cell(page, "output", 0, 0).click()
    cell(page, "output", 4, 4).hover()
    expect(page.locator(".sum")).to_contain_text("row 4, column 4")


def test_a_pin_lives_in_the_link_and_leaves_it_when_it_is_let_go_or_no_longer_fits(open_page: Open) -> None:
    page = visit(open_page)
    cell(page, "output", 4, 3).click()
    page.wait_for_url("**/convolution?conv_pin=output.4.3")
    again = visit(open_page, "conv_pin=output.4.3")
    expect(again.locator(".sum.pinned")).to_contain_text("Output at row 4, column 3")
    cell(again, "output", 4, 3).click()
    again.wait_for_url("**/convolution")
    page.get_by_role("slider", name="Stride").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/convolution?conv_stride=2")
    expect(page.locator(".sum.pinned")).to_have_count(0)


def test_hovering_an_input_shows_every_output_it_feeds_and_a_weight_all_it_meets(open_page: Open) -> None:
    page = visit(open_page, "conv_stride=2&conv_padding=1")
    wiring = wire(Layer(stride=(2, 2), padding=(1, 1, 1, 1)), (7, 7))
    cell(page, "input", 3, 3).hover()
    fed = wiring.output[wiring.input == 3 * 7 + 3]
    expect(page.locator(".sum")).to_contain_text(f"feeds {len(fed)} outputs")
    assert lit(page, "output") == {(int(o) // 4, int(o) % 4) for o in fed}
    weights = SOBEL.ravel()[wiring.weight[wiring.input == 3 * 7 + 3]]
    written = page.locator(
        "[data-of=output] .coat[visibility=visible] text:first-of-type"
    ).all_text_contents()
    assert written == [f"×{weight:.0f}".replace("-", "−") for weight in weights]
    cell(page, "kernel", 0, 1).hover()
    met = wiring.cell[wiring.weight == 1]
    expect(page.locator(".sum")).to_contain_text(f"meets {len(set(met.tolist()))} input cells")
    assert len(lit(page, "input")) == len(set(met.tolist()))


def test_the_keyboard_does_what_the_mouse_does(open_page: Open) -> None:
    page = visit(open_page)
    cell(page, "output", 0, 0).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".sum")).to_contain_text("row 1, column 1")
    expect(page.locator(".spoken")).to_contain_text(sum_in_words(NUMBERS, 6))
    page.keyboard.press("Enter")
    expect(page.locator(".sum.pinned")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".sum")).to_contain_text("row 1, column 1")
    page.keyboard.press("Escape")
    expect(page.locator(".sum")).to_contain_text("row 1, column 0")
    page.keyboard.press("Shift+Tab")
    expect(cell(page, "kernel", 0, 0)).to_be_focused()


def test_the_pass_steps_scrubs_and_plays_to_its_end(open_page: Open) -> None:
    page = visit(open_page)
    unborn = page.locator(".cell.unborn")
    page.get_by_role("button", name="Step forward").click()
    expect(unborn).to_have_count(24)
    expect(page.locator(".sum")).to_contain_text("row 0, column 0")
    page.get_by_role("button", name="Step forward").click()
    expect(page.locator(".sum")).to_contain_text("row 0, column 1")
    page.get_by_role("button", name="Step back").click()
    expect(unborn).to_have_count(24)
    page.get_by_role("slider", name="Position of the window").fill("12")
    expect(unborn).to_have_count(13)
    page.get_by_role("slider", name="Speed").fill("5")
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".where")).to_have_text("25 of 25 outputs")
    expect(unborn).to_have_count(0)


def test_an_edited_number_changes_the_output_and_the_link(open_page: Open) -> None:
    page = visit(open_page)
    changed = GRID.copy()
    changed[3, 3] = -7
    cell(page, "input", 3, 3).dblclick()
    page.locator(".editor").fill("−7")
    page.keyboard.press("Enter")
    after = run(Layer(), changed, SOBEL)
    expect(cell(page, "output", 2, 1).locator("text")).to_have_text(f"{after[2, 1]:.0f}".replace("-", "−"))
    expect(cell(page, "input", 3, 3)).to_be_focused()
    eventually(page, lambda: matrix_from_text(in_link(page, "conv_grid") or SEVEN).tolist(), changed.tolist())
    cell(page, "kernel", 1, 1).focus()
    page.keyboard.press("5")
    page.keyboard.press("Enter")
    expect(cell(page, "kernel", 1, 1).locator("text")).to_have_text("5")
    link_holds(page, conv_kernel="Own")


def test_an_edit_is_refused_when_no_number_and_given_up_with_escape(open_page: Open) -> None:
    page = visit(open_page)
    cell(page, "input", 0, 0).dblclick()
    page.locator(".editor").fill("abc")
    page.keyboard.press("Enter")
    expect(page.locator(".editor")).to_have_attribute("aria-invalid", "true")
    page.locator(".editor").fill("4")
    page.keyboard.press("Escape")
    expect(page.locator(".editor")).to_have_count(0)
    expect(cell(page, "input", 0, 0)).to_be_focused()
    expect(cell(page, "input", 0, 0).locator("text")).to_have_text("0")


def test_unread_pixels_are_hatched_and_uses_are_counted(open_page: Open) -> None:
    page = visit(open_page, "conv_grid=1+2+3+4;5+6+7+8;1+2+3+4;5+6+7+8&conv_stride=2")
    expect(page.locator(".cell.unread")).to_have_count(7)
    page.get_by_role("button", name="Times used").click()
    assert shown(page, "input") == [str(n) for n in wire(Layer(stride=(2, 2)), (4, 4)).uses.ravel()]


def test_the_largest_of_a_window_is_ringed(open_page: Open) -> None:
    page = visit(open_page, "conv_operation=Max+pooling")
    cell(page, "output", 1, 1).hover()
    expect(page.locator(".sum")).to_have_text("Output at row 1, column 1: max(0, 0, 0, 3) = 3")
    expect(page.locator("[data-of=input] .rings")).to_have_attribute("d", re.compile("^M.+z$"))


def test_a_stamp_of_the_transposed_convolution(open_page: Open) -> None:
    page = visit(open_page, "conv_operation=Transposed&conv_stride=2")
    cell(page, "input", 1, 2).hover()
    written = page.locator(
        "[data-of=output] .coat[visibility=visible] text:first-of-type"
    ).all_text_contents()
    assert [float(word.replace("−", "-")) for word in written] == (9 * SOBEL).ravel().tolist()


def test_a_question_veils_the_output(open_page: Open) -> None:
    page = visit(open_page, "ask=rows&conv_padding=same")
    assert set(shown(page, "output")) == {"?"}
    cell(page, "input", 3, 3).hover()
    expect(page.locator(".sum")).to_contain_text("Answer the question first")
    page.get_by_role("spinbutton", name="Your prediction").fill("7")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Reveal", exact=True).click()
    expect(page.locator("[data-of=output] figcaption")).to_have_text("Output 7 × 7")


def test_the_row_of_the_matrix_follows_the_mouse(open_page: Open) -> None:
    page = visit(open_page, "conv_section=Convolution+is+a+matrix")
    cell(page, "output", 1, 2).hover()
    expect(page.locator(".about")).to_contain_text("Row 7 of W")
    strip = page.locator(".strip canvas")
    expect(strip).to_have_js_property("width", 49)
    cell(page, "input", 1, 2).hover()
    expect(page.locator(".about")).to_contain_text("Column 9 of W")
    expect(strip).to_have_js_property("width", 25)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_pictures_of_the_view(open_page: Open, theme: str, width: int) -> None:
    page = visit(open_page, "conv_stride=2&conv_padding=1", width=width, theme=theme)
    cell(page, "output", 1, 2).click()
    screenshot(page, f"convolution_numbers_{width}_{theme}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
