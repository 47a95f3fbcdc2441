"""The style page: at once, step by step with untrained weights, why it works; odd photos and odd settings."""

import io
import time

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.bundled import bundled
from core.figures import style_run as figures
from core.networks import store
from core.style.fast import paint
from core.style.frames import Frame
from core.style.losses import Part
from core.style.pictures import style_picture
from core.style.pixels import sized
from core.style.recipe import STARTS
from core.style.run import result
from pages.applications.style_progress import LEFT, NAME
from pages.shared.jobs import ENGINE
from pages.shared.plain_text import plain
from tests.pages.test_detection import opened

PAGE = "pages/applications/style.py"
UNTRAINED = {"style_weights": "untrained"}
SMALL = {**UNTRAINED, "style_side": "64", "style_steps": "20"}


def open_view(view: str = "At once", pixels: np.ndarray | None = None, **query: str) -> AppTest:
    return opened(PAGE, {"style_view": view, **query}, pixels)


def words(app: AppTest) -> str:
    every = (*app.markdown, *app.caption, *app.info, *app.warning, *app.error)
    return " ".join(each.value for each in every)


def charts(app: AppTest) -> list[str]:
    return [each.proto.alt for each in app.get("plotly_chart")]


def test_at_once_shows_the_style_s_numbers() -> None:
    app = open_view(style_strength="0.5")
    vector = paint(bundled("Cat").pixels, [(style_picture("brush"), 1.0)], 0.5).vector
    assert not app.exception
    assert "The style in 100 numbers" in words(app)
    assert any(f"{vector.min():.2f} to {vector.max():.2f}" in each for each in charts(app)) or not charts(app)


def test_two_styles_can_be_blended() -> None:
    app = open_view(style_pictures=["brush", "ink"], style_blend_0="0.0", style_blend_1="0.0")
    assert "All styles count 0." in words(app)


def ran(app: AppTest, key: str, until: str) -> AppTest:
    app.button(key=key).click().run()
    deadline = time.monotonic() + 240
    while until not in words(app) or "done" not in _bar(app):
        assert time.monotonic() < deadline, words(app)
        time.sleep(0.5)
        app.run()
        assert not app.exception
    return app


def _bar(app: AppTest) -> str:
    return " ".join(str(each.proto.text) for each in app.get("progress"))


def test_a_run_goes_to_its_end_and_on_with_other_faders() -> None:
    app = ran(open_view("Step by step", **SMALL), "style_go", "loss")
    assert {"style_on", "style_larger"} <= {each.key for each in app.button}
    app.select_slider(key="style_style").set_value(10.0).run()
    assert "Made with other settings" in words(app)
    app = ran(app, "style_on", "loss")
    assert "Made with other settings" not in words(app)
    assert len(app.get("download_button")) == 3


@pytest.mark.parametrize("start", STARTS)
def test_before_the_start_it_shows_what_it_begins_with(start: str) -> None:
    app = open_view("Step by step", **UNTRAINED, style_start=start, style_pictures=["waves", "ink"])
    said = words(app)
    assert "128 px, then 60 steps at 256 px" in said
    assert [said.count(title) for title in ("Content from", "Style from", "The first picture")] == [1, 2, 1]


def test_the_run_ends_with_the_pulls_at_its_picture_and_a_labelled_loss() -> None:
    app = ran(
        open_view("Step by step", **SMALL, style_like="false", style_norm="Johnson et al."),
        "style_go",
        "loss",
    )
    assert "Who pulls how strongly** at the last picture" in words(app)
    assert "(as Johnson et al. count, at 64 px)" in words(app)
    for left in LEFT:
        assert not app.segmented_control(key="style_left").set_value(left).run().exception


def test_a_painted_mask_keeps_the_photo_outside() -> None:
    """The brush covers the left part; right of it every pixel is the photo's."""
    app = ran(
        open_view("Step by step", **SMALL, photo="Coffee", style_mask="m250 100,0 100,1000"),
        "style_go",
        "loss",
    )
    job = ENGINE.of(app.session_state["owner"], NAME)
    assert job is not None
    done = result(job)
    assert done is not None
    photo = sized(bundled("Coffee").pixels, 64)
    changed = np.abs(done.best.pixels.astype(int) - photo).max(axis=2)
    width = photo.shape[1]
    assert changed[:, width // 2 :].max() <= 1
    assert (changed[:, : width // 4] > 8).mean() > 0.5
    app.segmented_control(key="style_view").set_value("Why it works").run()
    app.segmented_control(key="style_section").set_value("Gram X-ray").run()
    app.segmented_control(key="style_xray_current").set_value("of the run").run()
    assert "It was painted through a mask; here the whole picture is looked at." in words(app)


@pytest.mark.parametrize("view", ["At once", "Step by step", "Three codes", "Why it works"])
@pytest.mark.parametrize("kind", ["transparent", "strip", "one pixel", "grey"])
def test_odd_styles_are_taken(view: str, kind: str) -> None:
    dice = np.random.default_rng(0)
    pixels = {
        "transparent": dice.integers(0, 256, (40, 50, 4)).astype(np.uint8),
        "strip": dice.integers(0, 256, (8, 400, 3)).astype(np.uint8),
        "one pixel": np.full((1, 1, 3), 200, np.uint8),
        "grey": np.full((30, 30), 128, np.uint8),
    }[kind]
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    app = open_view(view, **UNTRAINED)
    (uploader,) = [each for each in app.file_uploader if each.key.startswith("style_upload_")]
    uploader.upload("mine.png", buffer.getvalue(), "image/png").run()
    assert not app.exception
    assert not app.error
    assert app.session_state["style_pictures"] == ["mine.png"]


def test_without_weights_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv(store.FOLDER, str(tmp_path))
    monkeypatch.setattr(store, "cache_folder", lambda: tmp_path)
    for view, key in (
        ("Step by step", "style_fetch"),
        ("Three codes", "style_codes_fetch"),
        ("Why it works", "style_why_fetch"),
    ):
        app = open_view(view)
        assert plain("VGG-16 trunk (HED) (59 MB) are not on this computer") in words(app)
        assert app.button(key=key)


def test_with_all_faders_down_nothing_would_happen() -> None:
    app = open_view("Step by step", **SMALL, style_content="0", style_style="0")
    assert "All faders are at 0" in words(app)


@pytest.mark.parametrize("view", ["At once", "Step by step", "Three codes", "Why it works"])
@pytest.mark.parametrize(
    "pixels",
    [np.zeros((1, 1, 3), np.uint8), np.full((40, 40, 3), 128, np.uint8), np.zeros((200, 4000, 3), np.uint8)],
    ids=["one pixel", "grey", "strip"],
)
def test_odd_photos_open(view: str, pixels: np.ndarray) -> None:
    assert not open_view(view, pixels, **UNTRAINED).exception


def frame(step: int, side: int) -> Frame:
    parts = (Part("content relu4_2", 2.0, 0.5), Part("style relu1_1", 3.0, 1.0))
    return Frame(step, float(step), side, np.full((side, side, 3), step, np.uint8), parts)


@pytest.mark.parametrize("kind", ["WEBP", "GIF"])
def test_a_film_has_all_frames_at_the_last_size(kind: str) -> None:
    import io

    from PIL import Image

    film = Image.open(io.BytesIO(figures.film([frame(0, 16), frame(40, 32), frame(80, 64)], kind)))
    assert (film.n_frames, film.size) == (3, (64, 64))
    with pytest.raises(ValueError, match="at least one frame"):
        figures.film([])


def test_the_stack_is_the_total() -> None:
    curve = [(each.step, each.side, each.parts) for each in (frame(0, 16), frame(5, 16), frame(10, 32))]
    chart = figures.loss_chart(curve, 20)
    assert sum(trace.y[1] for trace in chart.data) == pytest.approx(frame(5, 16).total) == pytest.approx(4)
    assert "from 4 to 4 at step 10" in figures.loss_alt(curve)
    assert figures.loss_alt([]) == "No loss yet"


def test_layers_are_chosen_and_mixed() -> None:
    app = open_view(
        "Step by step", **SMALL, style_contents=["relu3_2", "relu4_2"], style_layers=["relu1_1", "conv2_2"]
    )
    for key in (
        "style_content_at_relu3_2",
        "style_content_at_relu4_2",
        "style_at_relu1_1",
        "style_at_conv2_2",
    ):
        assert app.select_slider(key=key).value == 1.0
    app.select_slider(key="style_at_conv2_2").set_value(20.0).run()
    (script,) = [each.value for each in app.code if "FADERS" in each.value]
    assert "'style conv2_2': 20.0" in script
    assert "'content relu3_2': 1.0, 'content relu4_2': 1.0" in script


def test_a_layer_that_the_next_network_lacks_is_forgotten() -> None:
    app = open_view("Step by step", **SMALL, style_network="VGG-19", style_layers=["relu1_1", "relu5_4"])
    assert app.select_slider(key="style_at_relu5_4")
    app.selectbox(key="style_network").set_value("vgg16_hed").run()
    assert not app.exception
    assert not [each.key for each in app.select_slider if each.key == "style_at_relu5_4"]
