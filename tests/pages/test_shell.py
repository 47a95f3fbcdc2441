"""The frame around every page: pictures, links, lessons. Run without a browser, by Streamlit's own test runner."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core import bundled
from pages.shared.lesson import Question
from pages.shared.plain_text import plain

ROOT = Path(__file__).parents[2]
PAGES = re.findall(r'"(pages/\w+/\w+\.py)"', (ROOT / "app.py").read_text(encoding="utf-8"))


def parameters() -> set[str]:
    """Every name that a page may look for in its address, read from the sources."""
    named = {"photo", "network", "seed", "ask", "hide", "present"}
    for path in (ROOT / "pages").rglob("*.py"):
        named |= set(re.findall(r'"((?:conv|rf|feat)_[a-z_]+)"', path.read_text(encoding="utf-8")))
    return named


PARAMETERS = parameters()


def open_app(page: str = "", **parameters: str) -> AppTest:
    """The app after its first run, or on a page opened with a link."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    set_link(app, parameters)
    app.run()
    if page:
        app.switch_page(page)
        set_link(app, parameters)
        app.run()
    assert not app.exception, app.exception[0].message
    return app


def set_link(app: AppTest, parameters: dict[str, str]) -> None:
    """Put parameters into the address; widgets take them from there in their first run."""
    for name, value in parameters.items():
        app.query_params[name] = value


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def uploader(app: AppTest):
    return next(iter(app.file_uploader))


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_from_a_bare_link(page: str) -> None:
    open_app(page)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "value", ["", "-1", "999999999999", "nan", "1e309", "<script>alert(1)</script>", "日本", "a" * 5000]
)
def test_every_page_opens_from_an_odd_link(page: str, value: str) -> None:
    open_app(page, **dict.fromkeys(PARAMETERS, value))


def test_a_link_names_the_picture() -> None:
    app = open_app("pages/foundations/convolution.py", photo="Coffee")
    assert app.selectbox(key="photo").value == "Coffee"


def test_an_uploaded_picture_is_chosen_and_survives_a_page_change() -> None:
    app = open_app()
    uploader(app).upload("mine.png", png(np.full((20, 30, 3), 77, np.uint8)), "image/png").run()
    assert app.selectbox(key="photo").value == "mine.png"
    app.switch_page("pages/foundations/convolution.py").run()
    assert app.selectbox(key="photo").value == "mine.png"
    assert not app.exception


def test_another_session_does_not_see_it() -> None:
    first = open_app()
    uploader(first).upload("secret.png", png(np.zeros((4, 4, 3), np.uint8)), "image/png").run()
    second = open_app()
    assert "secret.png" in first.selectbox(key="photo").options
    assert "secret.png" not in second.selectbox(key="photo").options


def test_a_bad_file_gives_one_sentence_and_loses_nothing() -> None:
    app = open_app("", photo="Cat")
    uploader(app).upload("broken.png", b"this is no picture", "image/png").run()
    assert len(app.error) == 1
    assert "broken" in app.error[0].value
    assert app.selectbox(key="photo").value == bundled.DEFAULT
    assert not app.exception
    uploader(app).upload("good.png", png(np.zeros((4, 4, 3), np.uint8)), "image/png").run()
    assert not app.error
    assert app.selectbox(key="photo").value == "good.png"


def test_the_album_is_capped() -> None:
    app = open_app()
    for number in range(10):
        pixels = np.full((4, 4, 3), number, np.uint8)
        uploader(app).upload(f"{number}.png", png(pixels), "image/png").run()
    own = [name for name in app.selectbox(key="photo").options if name not in bundled.NAMES]
    assert own == [f"{number}.png" for number in range(2, 10)]
    assert not app.exception


def test_two_pictures_of_one_name_stay_two() -> None:
    app = open_app()
    for grey in (10, 20):
        uploader(app).upload("Cat", png(np.full((4, 4, 3), grey, np.uint8)), "image/png")
        app.run()
    options = app.selectbox(key="photo").options
    assert len(options) == len(set(options))


@pytest.mark.parametrize(
    ("answer", "guess", "right"),
    [
        (7, 7, True),
        (7, 8, False),
        (0.5, 0.5004, True),
        (0.5, 0.51, False),
        ("yes", "yes", True),
        ("yes", None, False),
    ],
)
def test_a_guess_is_judged(answer: object, guess: object, right: bool) -> None:
    choices = ("yes", "no") if isinstance(answer, str) else ()
    assert Question("key", "How many?", answer, "because", choices).is_right(guess) is right


def test_the_answer_of_a_question_is_among_its_choices() -> None:
    with pytest.raises(ValueError, match="must be one of the choices"):
        Question("key", "Which?", "maybe", "because", ("yes", "no"))


def test_text_from_outside_stays_text() -> None:
    assert plain("<b>a_b</b> $x$ [l](u)") == r"\<b\>a\_b\<\/b\> \$x\$ \[l\]\(u\)"
