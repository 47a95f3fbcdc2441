"""The frame around every page, in a real browser."""

import io
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from core.convolution import output_size
from tests.browser.conftest import late_answers, link_holds, settled, upload

Open = Callable[..., Page]


def png(height: int, width: int, grey: int = 90) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((height, width, 3), grey, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def go_to(page: Page, section: str, title: str) -> None:
    """Choose a page in the menu."""
    page.get_by_test_id("stTopNavSection").filter(has_text=section).click()
    page.get_by_test_id("stTopNavDropdownLink").filter(has_text=title).click()
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    settled(page)


def test_the_very_first_visit_may_be_a_deep_link(app_url: str, open_page: Open) -> None:
    page = open_page("/convolution?photo=Coffee")
    expect(page.get_by_text("Page not found")).to_have_count(0)
    expect(page.get_by_role("heading", name="Convolution", exact=True)).to_be_visible()
    expect(page.get_by_role("img", name="A red cup of coffee")).to_be_visible()


def test_an_upload_is_chosen_survives_a_page_change_and_is_private(open_page: Open) -> None:
    page = open_page("/")
    upload(page, "<b>my_photo</b>.png", png(40, 60))
    expect(page.get_by_role("combobox", name="Picture")).to_have_value("<b>my_photo</b>.png")
    go_to(page, "Foundations", "Convolution")
    expect(page.get_by_role("combobox", name="Picture")).to_have_value("<b>my_photo</b>.png")
    other = open_page("/")
    other.get_by_role("combobox", name="Picture").click()
    expect(other.get_by_role("option", name="Coffee")).to_be_visible()
    expect(other.get_by_text("my_photo")).to_have_count(0)


def test_a_picture_can_be_pasted(open_page: Open) -> None:
    page = open_page("/")
    page.get_by_role("button", name="Use your own").click()
    zone = page.get_by_test_id("stFileUploaderDropzone")
    zone.focus()
    zone.evaluate(
        """(zone, bytes) => {
            const file = new File([new Uint8Array(bytes)], "pasted.png", {type: "image/png"});
            const clipboardData = new DataTransfer();
            clipboardData.items.add(file);
            zone.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true}));
        }""",
        list(png(12, 12)),
    )
    expect(page.get_by_role("combobox", name="Picture")).to_have_value("pasted.png")


def test_a_bad_file_says_why_in_one_sentence(open_page: Open) -> None:
    page = open_page("/")
    upload(page, "holiday.png", b"no picture at all")
    expect(page.get_by_test_id("stAlert")).to_contain_text("holiday.png")
    expect(page.get_by_role("combobox", name="Picture")).to_have_value("Cat")


def test_copy_link_opens_the_same_state(open_page: Open) -> None:
    page = open_page("/convolution")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("combobox", name="Picture").click()
    page.get_by_role("option", name="Rocket").click()
    settled(page)
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert parse_qs(urlsplit(link).query)["photo"] == ["Rocket"]
    parts = urlsplit(link)
    again = open_page(f"{parts.path}?{parts.query}")
    expect(again.get_by_role("combobox", name="Picture")).to_have_value("Rocket")


def test_presenter_size_enlarges_everything_and_is_part_of_the_link(open_page: Open) -> None:
    page = open_page("/?present=true")
    page.wait_for_function("document.documentElement.style.fontSize !== ''")  # the component has loaded
    size = page.evaluate("getComputedStyle(document.documentElement).fontSize")
    page.get_by_text("Presenter size").click()
    page.wait_for_function("document.documentElement.style.fontSize === ''")
    assert float(size.removesuffix("px")) > float(
        page.evaluate("getComputedStyle(document.documentElement).fontSize").removesuffix("px")
    )


def output_rows(page: Page) -> int:
    """How many rows the output panel of the Numbers view has."""
    return page.locator("[data-panel=output][data-column='0']").count()


def test_a_lesson_link_hides_controls_and_keeps_their_values(open_page: Open) -> None:
    page = open_page("/convolution?conv_stride=2&hide=conv_stride")
    expect(page.get_by_role("slider", name="Stride")).to_have_count(0)
    rows = output_size(7, 3, stride=2)
    expect(page.locator("[data-panel=output][data-column='0']")).to_have_count(rows)
    page.get_by_role("slider", name="Dilation").press("ArrowRight")
    link_holds(page, conv_dilation="2")
    assert parse_qs(urlsplit(page.url).query) == {
        "conv_stride": ["2"],
        "hide": ["conv_stride"],
        "conv_dilation": ["2"],
    }
    rows = output_size(7, 3, stride=2, dilation=2)
    expect(page.locator("[data-panel=output][data-column='0']")).to_have_count(rows)


def test_predict_then_reveal(open_page: Open) -> None:
    page = open_page("/convolution?ask=rows&conv_stride=2")
    rows = output_size(7, 3, stride=2)
    panel = page.locator("[data-panel=output]").first
    expect(panel).to_contain_text("?")
    assert output_rows(page) != rows
    reveal = page.get_by_role("button", name="Reveal", exact=True)
    expect(reveal).to_be_disabled()
    guess = page.get_by_role("spinbutton", name="Your prediction")
    guess.fill(str(rows + 1))
    guess.press("Enter")
    reveal.click()
    expect(page.get_by_test_id("stAlert")).to_contain_text(f"it is {rows}")
    settled(page)
    assert output_rows(page) == rows
    page.get_by_role("button", name="Ask again").click()
    guess.fill(str(rows))
    guess.press("Enter")
    reveal.click()
    expect(page.get_by_test_id("stAlert")).to_contain_text(f"Right: {rows}")


def test_a_lesson_link_is_made_on_the_page(open_page: Open) -> None:
    page = open_page("/convolution?conv_stride=2")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    answer_after = late_answers(page)
    page.get_by_role("button", name="Predict, then reveal").click()
    expect(
        page.get_by_test_id("stPopoverBody").get_by_role("button", name="stride", exact=True)
    ).to_be_visible()
    answer_after(1500)  # the link waits for the answer to the last choice
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="stride", exact=True).click()
    page.get_by_role("button", name="Copy lesson link").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    link = urlsplit(page.evaluate("navigator.clipboard.readText()"))
    assert parse_qs(link.query) == {"conv_stride": ["2"], "hide": ["conv_stride"]}
