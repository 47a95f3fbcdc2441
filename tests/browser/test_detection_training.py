"""The view Train one as a visitor sees it: scenes, a training to its end, its epochs, and cells that compete."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import link_holds, screenshot, settled

VIEW = "/detection?det_view=Train+one&det_live_kind=circles&det_live_epochs=4"


def test_a_detector_is_trained_and_tried(open_page: Callable[..., Page]) -> None:
    page = open_page(VIEW)
    expect(page.get_by_text("numbers for each scene").first).to_be_visible(timeout=60_000)
    expect(page.get_by_role("group", name=re.compile("Scenes to test with"))).to_be_visible()
    settled(page)
    screenshot(page, "detection_training_samples")
    main = page.get_by_test_id("stMain")
    main.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text(re.compile(r"Training, epoch \d of 4")).first).to_be_visible(timeout=240_000)
    expect(page.get_by_text(re.compile("Epoch 1 of 4: AP50 0")).first).to_be_visible(timeout=120_000)
    expect(page.get_by_text("Try it on a new scene").first).to_be_visible(timeout=240_000)
    expect(page.get_by_text(re.compile("Epoch 4 of 4: AP50 0")).first).to_be_visible()
    expect(main.get_by_role("button", name="Stop")).to_have_count(0)
    expect(page.get_by_text(re.compile("Two cells compete: A .*row")).first).to_be_visible()
    expect(page.get_by_role("application", name=re.compile("frames before suppression"))).to_be_visible()
    settled(page)
    screenshot(page, "detection_training")
    page.get_by_text("after suppression", exact=True).first.click()
    expect(page.get_by_role("application", name=re.compile("frames after suppression"))).to_be_visible()
    slider = page.get_by_role("slider", name="Epoch")
    slider.focus()
    for _ in range(3):
        slider.press("ArrowLeft")
    expect(page.get_by_text(re.compile("Epoch 1 of 4: AP50 0")).first).to_be_visible()
    link_holds(page, det_live_epoch="1")


def test_a_training_is_stopped_on_a_phone(open_page: Callable[..., Page]) -> None:
    page = open_page("/detection?det_view=Train+one&det_live_epochs=40&seed=7", width=400, theme="dark")
    main = page.get_by_test_id("stMain")
    main.get_by_role("button", name="Train", exact=True).click(timeout=60_000)
    expect(page.get_by_text(re.compile("Epoch [1-9] of 40: AP50 0")).first).to_be_visible(timeout=240_000)
    main.get_by_role("button", name="Stop").click()
    expect(page.get_by_text(re.compile("Training: stopped")).first).to_be_visible()
    expect(page.get_by_text("Try it on a new scene").first).to_be_visible()
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, "detection_training_phone")
