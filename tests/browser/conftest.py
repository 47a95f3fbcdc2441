"""One running app and one browser for all browser tests.

A test that needs the browser never skips: without Chromium it fails. Every test fails on an error in the browser's
console, an exception on the page, and any request that leaves this machine.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

from benchmarks.server import Server, serve

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "screenshots"
_SYSTEM_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PROBES = (
    "/_stcore/health",
    "/_stcore/host-config",
)  # Streamlit asks for them below a deep link: 404 is right
_QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")

expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The app, started as a user starts it, with the shipped settings."""
    with serve() as running:
        yield running


@pytest.fixture(scope="session")
def app_url(server: Server) -> str:
    """The address of the running app."""
    return server.url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium: the one that CHROMIUM names, the system's, or Playwright's own."""
    with sync_playwright() as playwright:
        browser = launched(playwright.chromium)
        yield browser
        browser.close()


def launched(kind: BrowserType, *words: str) -> Browser:
    """A browser that is quiet on the network, with further words on its command line."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _SYSTEM_BROWSERS)), None)
    return kind.launch(executable_path=path, args=["--no-sandbox", *_QUIET, *words])


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One profile for all visits, so that Streamlit's five megabytes of scripts are loaded once and not per page."""
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def open_page(context: BrowserContext, app_url: str) -> Iterator[Callable[..., Page]]:
    """Open an address of the app in a new visit: `open_page("/convolution?conv_stride=2", width=400, theme="dark")`."""
    complaints: list[str] = []
    pages = []

    def open_(path: str, *, width: int = 1280, theme: str = "light") -> Page:
        page = context.new_page()
        pages.append(page)
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        page.on("console", lambda message: complaints.extend(_console_complaint(message)))
        page.on("pageerror", lambda error: complaints.append(f"exception in the page: {error}"))
        page.on("request", lambda request: complaints.extend(_foreign(request, app_url)))
        page.goto(app_url + path)
        settled(page)
        return page

    yield open_
    for page in pages:
        page.close()
    assert not complaints, complaints


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A visit that has opened the first page."""
    return open_page("/")


def settled(page: Page) -> None:
    """Wait until the script has run to its end and no element is stale.

    A change that was made just before may not have reached the server yet: what comes of it is waited for by
    `expect`, `eventually` or `link_holds`, never read at once.
    """
    page.wait_for_selector(
        "[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]",
        timeout=90_000,  # a page that traces a network waits for PyTorch in a fresh server
    )
    page.wait_for_selector("[data-testid=stMain] h1", timeout=90_000)
    page.wait_for_function(
        "!document.querySelector('[data-stale=true], [data-testid=stSkeleton]')", timeout=60_000
    )
    said = page.get_by_test_id("stException").all_inner_texts()
    expect(page.get_by_test_id("stException"), f"the page says: {said}").to_have_count(0)


def in_link(page: Page, name: str) -> str:
    """The value that the link of a page holds, or ""."""
    return parse_qs(urlsplit(page.url).query).get(name, [""])[0]


def eventually(page: Page, read: Callable[[], object], wanted: object) -> None:
    """Wait until what is read from the page is as wanted, for as long as `expect` waits."""
    for _ in range(200):
        if read() == wanted:
            return
        page.wait_for_timeout(100)
    assert read() == wanted


def link_holds(page: Page, **values: str) -> None:
    """Wait until the link holds these values: it follows a change as soon as the server has answered."""
    eventually(page, lambda: {name: in_link(page, name) for name in values}, values)


_LATE = """
const heard = WebSocket.prototype.addEventListener;
WebSocket.prototype.addEventListener = function (name, listener, ...rest) {
  const later = (event) => setTimeout(() => listener.call(this, event), window.late ?? 0);
  heard.call(this, name, name === 'message' ? later : listener, ...rest);
};
"""


def late_answers(page: Page) -> Callable[[int], None]:
    """Load a page again so that the answers of the server can be held back: `answer_after(milliseconds)`."""
    page.add_init_script(_LATE)
    page.reload()
    settled(page)
    return lambda late: page.evaluate("late => { window.late = late; }", late)


def upload(page: Page, name: str, data: bytes, mime: str = "image/png") -> None:
    """Bring an own picture through the picture bar, as a visitor does."""
    page.get_by_role("button", name="Use your own").click()
    file = {"name": name, "mimeType": mime, "buffer": data}
    with page.expect_response(lambda response: "/_stcore/upload_file" in response.url):
        page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)
    page.wait_for_timeout(500)  # the browser tells the script, which then runs
    settled(page)
    page.keyboard.press("Escape")


def screenshot(page: Page, name: str) -> Path:
    """Save the whole page under screenshots/, for people to look at."""
    SCREENSHOTS.mkdir(exist_ok=True)
    size = page.viewport_size
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": min(height + 20, 8000)})
    page.wait_for_timeout(700)  # charts and components follow the new size
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=path)
    page.set_viewport_size(size)
    return path


def _console_complaint(message: ConsoleMessage) -> list[str]:
    if message.type != "error" or any(probe in message.location.get("url", "") for probe in _PROBES):
        return []
    return [f"console: {message.text} ({message.location.get('url')})"]


def _foreign(request: Request, app_url: str) -> list[str]:
    at_home = request.url.startswith((app_url, app_url.replace("http", "ws", 1), "data:", "blob:"))
    return [] if at_home else [f"request to {request.url}"]
