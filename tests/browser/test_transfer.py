"""Transfer learning as a visitor sees it: photos, a training watched to its end, stopped, raced, looked into."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core.networks.file_label import label_of
from core.transfer.bundled_sets import bundled_set
from core.transfer.split import split
from tests.browser.conftest import in_link, link_holds, screenshot, settled

SMALL = "tl_set=faces&tl_each=20&tl_size=64"
LONG = (
    240_000  # a worker that starts loads PyTorch first, and stands behind everything else on a busy machine
)


def pressed(page: Page, key: str) -> None:
    page.locator(f".st-key-{key} button").click()


def photo(colour: tuple[int, int, int], seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 90, (60, 70, 3)).astype(np.uint8)
    pixels[15:45, 15:55] = colour
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (400, "dark")], ids=["wide", "phone"])
def test_a_training_is_watched_to_its_end(open_page: Callable[..., Page], width: int, theme: str) -> None:
    page = open_page(f"/transfer?tl_view=Train&{SMALL}&tl_epochs_features=5", width=width, theme=theme)
    pressed(page, "tl_go")
    expect(page.get_by_text("All 5 epochs are done.")).to_be_visible(timeout=LONG)
    expect(page.locator("[data-testid=stPlotlyChart] .scatterlayer").first).to_be_visible()
    parts = split(bundled_set("faces", 20), seed=0)
    expect(page.get_by_text("validation accuracy")).to_be_visible()
    expect(page.get_by_text(f"So much {len(parts.validation)} photos can tell.").first).to_be_visible()
    expect(page.locator('.tiles[data-name="tl_samples"] .tile').first).to_be_visible()
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, f"transfer_train_{width}_{theme}")


def test_a_run_goes_on_behind_other_pages_and_stops_when_told(open_page: Callable[..., Page]) -> None:
    page = open_page(f"/transfer?tl_view=Train&{SMALL}&tl_approach=From+scratch&tl_epochs_scratch=100")
    pressed(page, "tl_go")
    expect(page.get_by_text(re.compile(r"epoch \d+ of 100"))).to_be_visible(timeout=LONG)
    page.get_by_role("radio", name="Photos").click()
    expect(page.get_by_text("Of each class")).to_be_visible()
    page.get_by_role("radio", name="Train", exact=True).click()
    expect(page.get_by_text(re.compile(r"epoch \d+ of 100"))).to_be_visible(timeout=LONG)
    page.get_by_test_id("stMain").get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped by you: the best epoch so far is kept.")).to_be_visible(timeout=30_000)
    expect(page.get_by_test_id("stMain").get_by_role("button", name="Stop")).to_have_count(0)


def test_the_boundary_is_moved_by_key_and_by_press(open_page: Callable[..., Page]) -> None:
    page = open_page(f"/transfer?tl_view=Train&{SMALL}")
    handle = page.get_by_role("slider", name="Boundary between frozen and training stages")
    expect(page.get_by_text("2,562 of 3,373,570 parameters train")).to_be_visible(timeout=60_000)
    handle.focus()
    handle.press("ArrowLeft")
    link_holds(page, tl_approach="Fine-tune")
    expect(page.get_by_text("414,722 of 3,373,570 parameters train")).to_be_visible()
    handle.press("ArrowLeft")
    link_holds(page, tl_stages="2")


def test_own_photos_are_trained_on_and_taken_home(open_page: Callable[..., Page], tmp_path: Path) -> None:
    """A zip with one folder per class, trained, looked into, downloaded, loaded back."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, colour in (("<b>red", (220, 30, 30)), ("blue", (30, 30, 220))):
            for i in range(8):
                archive.writestr(f"{name}/{i}.png", photo(colour, i))
        archive.writestr("blue/notes.txt", "no picture")
    page = open_page("/transfer?tl_size=64&tl_epochs_features=6")
    page.get_by_role("button", name="Add your own photos").click()
    file = {"name": "mine.zip", "mimeType": "application/zip", "buffer": buffer.getvalue()}
    page.get_by_test_id("stFileUploaderDropzoneInput").last.set_input_files(file)
    expect(page.get_by_text("2 classes, 16 photos")).to_be_visible(timeout=60_000)
    page.keyboard.press("Escape")
    expect(page.get_by_text("1 file was skipped")).to_be_visible()
    screenshot(page, "transfer_own_photos")
    page.get_by_role("radio", name="Train", exact=True).click()
    settled(page)
    pressed(page, "tl_go")
    expect(page.get_by_text("All 6 epochs are done.")).to_be_visible(timeout=LONG)
    page.get_by_role("radio", name="Look inside").click()
    expect(page.get_by_text("photos of the validation part")).to_be_visible(timeout=60_000)
    expect(page.locator("[data-testid=stMain] b", has_text="red")).to_have_count(0)  # names are shown as text
    page.get_by_role("radio", name="Try it").click()
    expect(page.get_by_text("It must choose one of its classes")).to_be_visible(timeout=60_000)
    settled(page)
    screenshot(page, "transfer_try")
    page.get_by_role("radio", name="Take home").click()
    with page.expect_download() as coming:
        pressed(page, "tl_weights")
    saved = tmp_path / "network.safetensors"
    coming.value.save_as(saved)
    label = label_of(saved.read_bytes())
    assert label is not None
    assert label.classes == ("‹b›red", "blue")
    page.locator("input[type=file]").last.set_input_files(saved)
    expect(page.get_by_text("Here again: tf_efficientnet_lite0")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("It must choose one of its classes")).to_be_visible(
        timeout=60_000
    )  # tried at once
    page.get_by_role("radio", name="Try it").click()
    pressed(page, "tl_to_features")
    expect(page.get_by_role("heading", name="Features")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("your own says")).to_be_visible(timeout=60_000)


def test_a_race_is_run_and_judged(open_page: Callable[..., Page]) -> None:
    page = open_page(
        f"/transfer?tl_view=Race&{SMALL}&tl_lanes=new+head&tl_lanes=last+two+stages&tl_updates=5"
    )
    pressed(page, "tl_race_go")
    expect(page.get_by_text(re.compile("Not significant|is better than"))).to_be_visible(timeout=LONG)
    expect(page.locator("[data-testid=stPlotlyChart] .scatterlayer").first).to_be_visible()
    settled(page)
    screenshot(page, "transfer_race")
    assert in_link(page, "tl_updates") == "5"


def test_every_question_is_answered(open_page: Callable[..., Page]) -> None:
    """The measurements of Look inside, each asked for by its button and drawn."""
    page = open_page(f"/transfer?tl_view=Train&{SMALL}&tl_epochs_features=3")
    pressed(page, "tl_go")
    expect(page.get_by_text("All 3 epochs are done.")).to_be_visible(timeout=LONG)
    page.get_by_text("Which approach does the textbook advise").click()
    pressed(page, "tl_advice_go")
    expect(page.get_by_text("ImageNet's own head is")).to_be_visible(timeout=LONG)
    page.get_by_text("Which learning rate? The rate finder").click()
    pressed(page, "tl_rate_go")
    expect(page.get_by_text(re.compile("falls most steeply|never fell|exploded before"))).to_be_visible(
        timeout=LONG
    )
    screenshot(page, "transfer_advisor")
    page.get_by_role("radio", name="Look inside").click()
    for name, key, answer in (
        ("What moved", "drift", "without one gradient step"),
        ("Map", "map", "Ringed: photos of the"),
        ("How many photos?", "curve", "The last step"),
        ("Shortcut?", "shortcut", "The thing is found by GrabCut"),
    ):
        page.get_by_role("radio", name=name).click()
        expect(page.locator(f".st-key-tl_{key}_go")).to_be_visible(timeout=60_000)
        pressed(page, f"tl_{key}_go")
        expect(page.get_by_text(answer).first).to_be_visible(timeout=LONG)
        settled(page)
        screenshot(page, f"transfer_{key}")
    page.get_by_role("radio", name="Confidence").click()
    expect(page.get_by_text("expected calibration error")).to_be_visible(timeout=60_000)
