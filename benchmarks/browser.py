"""What a visitor waits for, in a real browser: the first page, and a slider until its picture has changed.

Reference: a page with nothing but one slider and its value, on the same server software. Its slider and ours are
moved in turn, so that both meet the same weather on the machine. Hovering is timed as frames a second while the
pointer runs over the cells.
Run: python -m benchmarks.browser
"""

import os
import shutil
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.server import serve
from benchmarks.timing import machine

MOVES = 24
EMPTY = (
    "import streamlit as st\nst.title('Empty')\nst.caption(str(st.select_slider('Value', range(1, 31))))\n"
)

HOVER_S = 4.0
COUNT_FRAMES = """() => {
    window.__frames = [];
    let last = performance.now();
    const count = now => { window.__frames.push(now - last); last = now; requestAnimationFrame(count); };
    requestAnimationFrame(count);
}"""

# Resolves with the milliseconds from a key press on the slider until the watched thing has changed and is painted.
TIME_A_MOVE = """([watched, attribute]) => new Promise(resolve => {
    const find = (root, selector) => {
        const hit = root.querySelector(selector);
        if (hit) return hit;
        for (const element of root.querySelectorAll('*'))
            if (element.shadowRoot) { const inner = find(element.shadowRoot, selector); if (inner) return inner; }
        return null;
    };
    const read = () => {
        const element = find(document, watched);
        return element && (attribute ? element.getAttribute(attribute) : element.textContent);
    };
    const before = read();
    const start = performance.now();
    const look = () => {
        if (read() !== before) requestAnimationFrame(() => resolve(performance.now() - start));
        else if (performance.now() - start > 8000) resolve(-1);
        else requestAnimationFrame(look);
    };
    look();
})"""


@dataclass(frozen=True, slots=True)
class Place:
    """A slider and what it changes: an attribute of an element, or its text."""

    path: str
    slider: str
    watched: str
    attribute: str | None = None


EMPTY_PLACE = Place("", "Value", "[data-testid=stCaptionContainer]")
PLACES = (
    Place("/convolution?conv_view=Photo", "Stride", "[data-name=photo_picture_output]", "data-drawn"),
    Place("/convolution", "Stride", "[data-of=output]"),
)
HOVERED = "/convolution?conv_source=Random&conv_rows=16&conv_columns=16&conv_padding=same"
CELLS = "[data-panel=output][data-column]"


def launch(playwright) -> Browser:
    """The browser that the tests use too."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    return playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


def first_page_s(browser: Browser) -> float:
    """Seconds from starting the server until the overview's heading stands in the browser."""
    start = time.monotonic()
    with serve() as server:
        page = browser.new_page()
        page.goto(server.url)
        page.wait_for_selector("[data-testid=stMain] h1")
        seconds = time.monotonic() - start
        page.close()
    return seconds


def move_ms(page: Page, place: Place, move: int) -> float:
    """Milliseconds from an arrow key on a slider until what it changes is painted."""
    page.bring_to_front()
    page.get_by_role("slider", name=place.slider).first.focus()
    timed = page.evaluate_handle(
        f"args => {{ window.__wait = ({TIME_A_MOVE})(args); }}", [place.watched, place.attribute]
    )
    page.keyboard.press("ArrowRight" if (move // 4) % 2 == 0 else "ArrowLeft")
    wait = page.evaluate("window.__wait")
    timed.dispose()
    if wait < 0:
        raise RuntimeError(f"{place.watched} did not change when {place.slider} was moved")
    page.wait_for_timeout(250)
    return wait


def in_turn(ours: Page, place: Place, empty: Page) -> tuple[float, float]:
    """Medians of our slider and of the empty page's, moved one after the other, first the one, then the other."""
    waits: tuple[list[float], list[float]] = [], []
    for move in range(MOVES):
        pairs = [(ours, place, waits[0]), (empty, EMPTY_PLACE, waits[1])]
        for page, watched, kept in pairs if move % 2 else pairs[::-1]:
            kept.append(move_ms(page, watched, move))
    return statistics.median(waits[0]), statistics.median(waits[1])


def hover_fps(page: Page, cells: str) -> float:
    """Median frames a second while the pointer runs over the cells that a selector finds."""
    page.bring_to_front()
    boxes = [cell.bounding_box() for cell in page.locator(cells).all()]
    page.evaluate(COUNT_FRAMES)
    end = time.monotonic() + HOVER_S
    while time.monotonic() < end:
        for box in boxes:
            page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    return 1000 / statistics.median(page.evaluate("window.__frames"))


def open_page(browser: Browser, address: str) -> Page:
    """An open, settled page; torch has been imported by the time it is measured."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(15_000)
    return page


def main() -> None:
    """Measure and print."""
    print(machine())
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = launch(playwright)
        starts = [first_page_s(browser) for _ in range(5)]
        print(f"first page after the server's start: median {statistics.median(starts):.2f} s (target 3 s)")
        script = Path(folder) / "empty.py"
        script.write_text(EMPTY)
        with serve(script) as reference, serve() as server:
            empty = open_page(browser, reference.url)
            for place in PLACES:
                page = open_page(browser, server.url + place.path)
                ours, theirs = in_turn(page, place, empty)
                print(
                    f"{place.path} {place.slider}: median {ours:.0f} ms, {ours / theirs:.2f}x the {theirs:.0f} ms "
                    "of an empty page (targets 120 ms, 2x)"
                )
                page.close()
            page = open_page(browser, server.url + HOVERED)
            print(f"{HOVERED}: {hover_fps(page, CELLS):.0f} frames a second while hovering (target 50)")
        browser.close()


if __name__ == "__main__":
    main()
