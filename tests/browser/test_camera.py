"""The camera as a visitor uses it: a picture for the page, and pictures for a class of their own set.

The browser of the other tests has no camera; the one started here has Chromium's own test film for one.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import eventually, in_link, launched, settled


@pytest.fixture
def seeing(browser: Browser) -> Iterator[Page]:
    """A visit by a browser that has a camera and need not ask."""
    own = launched(
        browser.browser_type, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"
    )
    yield own.new_page(viewport={"width": 1280, "height": 900})
    own.close()


def shoot(page: Page) -> None:
    """Press the camera's button once it shows a picture."""
    page.wait_for_function("document.querySelector('video')?.videoWidth > 0", timeout=90_000)
    page.get_by_role("button", name="Take Photo").click()


def test_a_picture_that_is_taken_is_the_page_s_photo(seeing: Page, app_url: str) -> None:
    seeing.goto(f"{app_url}/convolution?conv_view=Photo")
    settled(seeing)
    seeing.get_by_role("button", name="Use your own").click()
    seeing.get_by_text("Use the camera").click()
    shoot(seeing)
    eventually(
        seeing, lambda: in_link(seeing, "photo").startswith("camera"), True
    )  # its name, not its pixels
    settled(seeing)
    expect(seeing.get_by_role("combobox", name="Picture")).to_have_value(re.compile("camera-input"))


def test_pictures_of_a_class_are_taken_one_after_the_other(seeing: Page, app_url: str) -> None:
    seeing.goto(f"{app_url}/transfer?tl_view=Photos")
    settled(seeing)
    seeing.get_by_role("button", name="Add your own photos").click()
    name = seeing.get_by_role("textbox", name="Name of the class")
    name.fill("mug")
    name.press("Enter")
    switch = seeing.locator(".st-key-tl_camera_on")
    expect(switch.locator("input")).to_be_enabled()
    switch.get_by_text("Use the camera").click()
    for count in (1, 2):
        shoot(seeing)
        expect(seeing.get_by_text(f"{count} photo{'s' * (count > 1)}", exact=True).first).to_be_visible()
        settled(seeing)
