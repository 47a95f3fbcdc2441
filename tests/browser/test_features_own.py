"""Your own network as a visitor brings it: refused in a sentence, mended, and looked through."""

from collections.abc import Callable
from pathlib import Path

import torch
from playwright.sync_api import Page, expect

from core import networks
from tests.browser.conftest import screenshot, settled


def test_your_own_network_is_brought_and_mended(open_page: Callable[..., Page], tmp_path: Path) -> None:
    file = tmp_path / "mine.pt"
    torch.save(networks.load("squeezenet1_1", "untrained").state_dict(), tmp_path / "other.pt")
    torch.save(networks.load("shufflenet_v2_x0_5", "untrained").state_dict(), file)
    page = open_page("/features?network=your+own&feat_own_architecture=shufflenet_v2_x0_5")
    page.get_by_role("button", name="Your network").click()
    box = page.locator("input[type=file]").last
    box.set_input_files(tmp_path / "other.pt")
    expect(page.get_by_text("looks like SqueezeNet 1.1")).to_be_visible(timeout=60_000)
    screenshot(page, "features_own_refused")
    page.locator("input[type=file]").last.set_input_files(file)
    expect(page.get_by_text("1,000 classes instead of 10")).to_be_visible(timeout=60_000)
    page.get_by_role("spinbutton", name="Classes").fill("1000")
    page.get_by_role("spinbutton", name="Classes").press("Enter")
    expect(page.get_by_role("button", name="Let it go")).to_be_visible(timeout=60_000)
    page.keyboard.press("Escape")
    expect(page.get_by_text("your own says")).to_be_visible(timeout=60_000)
    settled(page)
    screenshot(page, "features_own")
