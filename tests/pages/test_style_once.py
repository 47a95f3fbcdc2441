"""The view At once: own styles, the learned ones, sizes, questions; odd photos and odd links; without PyTorch."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.bundled import bundled
from core.style.fast import paint
from core.style.pictures import STYLES, style_picture
from tests.pages.opening import opened

PAGE = "pages/applications/style.py"


def open_view(own: np.ndarray | None = None, **query: str | list[str]) -> AppTest:
    return opened(PAGE, {"photo": "Coffee", **query}, own)


def words(app: AppTest) -> str:
    every = (*app.markdown, *app.caption, *app.latex, *app.warning, *app.error)
    return " ".join(each.value for each in every)


def numbers_alt(app: AppTest) -> str:
    (chart,) = app.get("plotly_chart")
    return chart.proto.alt


@pytest.mark.parametrize("name", STYLES)
def test_every_made_style_gives_its_numbers(name: str) -> None:
    used = paint(bundled("Coffee").pixels, [(style_picture(name), 1.0)], 0.5).vector
    app = open_view(style_pictures=name, style_strength="0.5")
    assert f"from {used.min():.2f} to {used.max():.2f}" in numbers_alt(app)
    assert r"0.5\,v_{photo} + 0.5\,v_1" in words(app)


def test_a_blend_is_said_in_its_formula() -> None:
    app = open_view(style_pictures=["waves", "ink"], style_blend_0="1.0", style_blend_1="4.0")
    assert r"(0.2\,v_1 + 0.8\,v_2)" in words(app)


def test_it_says_what_it_is_not() -> None:
    said = words(open_view())
    assert "**not** the minimum of any loss" in said
    assert "1705.06830" in said
    assert "384 × 384 pixels" in said


@pytest.mark.parametrize("side", ["384", "512", "768", "9999"])
def test_every_size_opens(side: str) -> None:
    app = open_view(style_size=side, style_own_colours="true")
    code = next(each.value for each in app.code if "onnxruntime" in each.value)
    assert f"scale = {side if side != '9999' else 384} /" in code
    assert "yiq" in code


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    (uploader,) = [each for each in app.file_uploader if each.key.startswith("style_upload_")]
    return uploader.upload(name, data, "image/png").run()


def test_an_own_picture_becomes_the_style() -> None:
    own = np.random.default_rng(0).integers(0, 256, (70, 90, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(own).save(buffer, "PNG")
    app = upload(open_view(), "brush", buffer.getvalue())  # a name that is taken already
    assert not app.exception
    (name,) = app.multiselect(key="style_pictures").value
    assert name not in STYLES
    used = paint(bundled("Coffee").pixels, [(own, 1.0)]).vector
    assert f"from {used.min():.2f} to {used.max():.2f}" in numbers_alt(app)


def test_what_is_no_picture_is_one_sentence() -> None:
    app = upload(open_view(), "notes.png", b"no picture at all")
    assert not app.exception
    assert len(app.error) == 1
    assert app.multiselect(key="style_pictures").value == ["brush"]


def test_one_learned_style_and_a_blend() -> None:
    app = open_view(style_network="26 learned styles", style_learned="7")
    assert "w_{7} = 1," in words(app)
    app.selectbox(key="style_learned_second").set_value("12").run()
    app.select_slider(key="style_learned_share").set_value(0.3).run()
    assert "w_{7} = 0.7, w_{12} = 0.3" in words(app)
    app.selectbox(key="style_learned").set_value(12).run()  # the second cannot be the first
    assert not app.exception
    assert "w_{12} = 1," in words(app)


@pytest.mark.parametrize("network", ["Any style", "26 learned styles"])
@pytest.mark.parametrize("side", ["384", "512"])
@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((50, 50, 3), np.uint8),
        np.full((40, 40, 3), 128, np.uint8),
        np.zeros((200, 4000, 3), np.uint8),
        np.zeros((4000, 1, 3), np.uint8),
    ],
    ids=["one pixel", "black", "grey", "strip", "line"],
)
def test_odd_photos_open(pixels: np.ndarray, side: str, network: str) -> None:
    app = opened(PAGE, {"style_network": network, "style_size": side}, pixels)
    assert not app.error
    assert app.get("download_button")


@pytest.mark.parametrize(
    "query",
    [
        {"style_pictures": "nothing"},
        {"style_network": "x", "style_strength": "99"},
        {"style_network": "26 learned styles", "style_learned": "99", "style_learned_second": "-3"},
        {"style_network": "26 learned styles", "style_learned_share": "nan", "style_learned_second": "4"},
    ],
    ids=["no style", "no network", "no number", "no share"],
)
def test_odd_links_open(query: dict[str, str]) -> None:
    assert not open_view(**query).exception


@pytest.mark.parametrize(("key", "answer"), [("style_numbers", 100), ("style_none", "the photo's own")])
def test_a_question_veils_the_numbers(key: str, answer: int | str) -> None:
    app = open_view(ask=key)
    assert not app.get("plotly_chart")
    assert "100" not in words(app)
    guess = app.number_input if isinstance(answer, int) else app.radio
    guess(key=f"guess_{key}").set_value(answer).run()
    app.button(key=f"reveal_{key}").click().run()
    assert "Right" in app.success[0].value
    assert app.get("plotly_chart")


def test_the_view_stands_without_pytorch() -> None:
    script = (
        "import sys, pages.applications.style_once, pages.applications.style_learned;"
        "print('torch' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
