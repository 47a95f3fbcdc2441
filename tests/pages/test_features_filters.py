"""The filters view in Streamlit's own test runner: links, numbers against core, questions, a dream to its end."""

import time

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import bundled, networks
from core.convolution.grid import kernel_from_text
from core.features import filters
from core.features.filters import Bank
from core.features.scene import Look
from core.features.top_nine import strongest
from core.figures import features_filters as figures
from pages.networks import features_filters_source as source
from pages.networks.features_filters_dream import NAME
from pages.networks.features_filters_source import Choice
from pages.networks.features_filters_weights import link_parameters, nearest_mix
from pages.shared.jobs import ENGINE
from tests.pages.opening import opened

PAGE = "pages/networks/features.py"
DREAM, NINE = "What does it look for?", "Your own top nine"
SMALL = "shufflenet_v2_x1_0"  # no weights are packaged: it is shown untrained


def open_filters(**parameters: str) -> AppTest:
    return opened(PAGE, {"feat_view": "Filters", **parameters})


def words(app: AppTest) -> str:
    return " ".join(text.value for text in (*app.markdown, *app.caption, *app.info, *app.latex))


@pytest.fixture(scope="module")
def stem() -> Bank:
    return filters.bank(networks.load(networks.DEFAULT), "conv_stem")


def test_the_view_opens_with_the_strongest_filter(stem: Bank) -> None:
    app = open_filters()
    best = int(filters.norms(stem).argmax())
    card = filters.card(stem, best)
    assert f"**Filter {best}**" in words(app)
    assert card.likeness.name in words(app)
    assert f"{card.wave.frequency:.2f} cycles per pixel" in words(app)
    assert "**32 filters of 3 × 3 × 3**" in words(app)
    assert f"**{float(f'{card.norm:.5g}'):.6g}**" in words(app)


def test_a_dead_filter_is_said_to_be_dead(stem: Bank) -> None:
    dead = int(filters.norms(stem).argmin())
    app = open_filters(feat_filters_filter=str(dead))
    assert "**Dead**" in words(app)
    assert not app.get("page_link")


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        ("blocks.1.1.conv_dw", "**144 filters of 1 × 3 × 3**"),
        ("blocks.1.1.conv_pw", "**144 filters of 24 × 1 × 1**"),
    ],
)
def test_deeper_filters_are_no_pictures(layer: str, text: str) -> None:
    app = open_filters(feat_filters_layer=layer, feat_filters_filter="7")
    assert text in words(app)
    assert "In red, green and blue" not in words(app)
    assert "slices, one per channel" in words(app) or "only slice" in words(app)


def test_the_kernel_goes_to_the_convolution_page(stem: Bank) -> None:
    app = open_filters(feat_filters_filter="21", photo="Coffee")
    (link,) = app.get("page_link")
    card = filters.card(stem, 21)
    parameters = link_parameters(np.round(card.plane.kernel, 3) + 0.0, nearest_mix(card.plane.mix), "Coffee")
    assert np.allclose(kernel_from_text(parameters["conv_photo_own"]), card.plane.kernel, atol=5e-4)
    assert "conv_photo_own" in link.proto.query_string
    there = opened("pages/foundations/convolution.py", parameters)
    assert not there.warning
    assert there.text_input(key="conv_photo_own").value == parameters["conv_photo_own"]
    assert there.selectbox(key="conv_photo_kernel").value == "Own kernel"


@pytest.mark.parametrize(
    ("mix", "name"), [((0.3, 0.6, 0.1), "Luminance"), ((-2, 2, 0), "Red − green"), ((0, 0, 3), "Blue only")]
)
def test_the_nearest_mix(mix: tuple[float, ...], name: str) -> None:
    assert nearest_mix(np.array(mix)) == name


def test_a_click_on_a_filter_finds_it(stem: Bank) -> None:
    tiles = figures.gallery(stem)
    for place in range(32):
        left, top, right, bottom = tiles.box(place)
        assert tiles.at((int(top + bottom) // 2, int(left + right) // 2)) == place
    assert tiles.at((tiles.picture.height - 8, tiles.picture.width - 8)) is None


def test_the_nine_are_those_of_core() -> None:
    app = open_filters(
        feat_filters_section=NINE,
        feat_filters_deep="blocks.1.1.conv_pw",
        feat_filters_channel="5",
        feat_filters_rank="2",
    )
    chosen = Choice(Look(networks.DEFAULT), "blocks.1.1.conv_pw", 5)
    photos = tuple(map(bundled.bundled, bundled.NAMES))
    hit = strongest(source.all_peaks(photos, chosen), 5)[1]
    _, row, column = hit.unit
    assert (
        f"**{photos[hit.photo].name}**: channel 5 at row {row}, column {column} is {hit.value:.4g}"
        in words(app)
    )
    assert "exactly the 11 px" in words(app)
    assert "fail this test" in words(app)


@pytest.mark.parametrize("key", ["count", "edges", "best"])
def test_a_question_hides_its_number_until_a_guess(key: str) -> None:
    section = NINE if key == "best" else "The weights"
    app = open_filters(ask=key, feat_filters_section=section, feat_filters_deep="conv_stem")
    shown = words(app)
    assert "Hidden until" in shown or "hidden until" in shown or "**?**" in shown
    guess = app.number_input(key="guess_count") if key == "count" else app.radio(key=f"guess_{key}")
    guess.set_value(864 if key == "count" else guess.options[0]).run()
    app.button(key=f"reveal_{key}").click().run()
    assert not app.exception
    assert app.success or app.warning


def test_a_dream_runs_to_its_end_and_stops() -> None:
    app = open_filters(
        feat_filters_section=DREAM, network=SMALL, feat_filters_deep="conv1.0", feat_filters_side="64",
        feat_filters_steps="32", feat_filters_channel="3",
    )  # fmt: skip
    assert "Make it" in words(app)
    app.button(key="feat_filters_go").click().run()
    assert [button.label for button in app.button if button.key == "feat_filters_stop"] == ["Stop"]
    deadline = time.monotonic() + 180
    while any(button.key == "feat_filters_stop" for button in app.button):
        assert time.monotonic() < deadline
        time.sleep(0.5)
        app.run()
        assert not app.exception, app.exception[0].message
    bars = [bar.proto.text for bar in app.get("progress")]
    assert bars[0].startswith("Dream: done · ")
    assert "66 photos through the network · 64 updates" in bars[0]
    assert "**The same without regularisation**" in words(app)
    app.button(key="feat_filters_go").click().run()
    app.button(key="feat_filters_stop").click().run()
    assert not app.exception
    own = [job for (owner, name), job in ENGINE._jobs.items() if name == NAME]
    assert [job.order.arguments["network"] for job in own] == [SMALL]
    assert own[0].state in ("stopping", "stopped")
    ENGINE.leave(own[0].owner)


@pytest.mark.parametrize("value", ["", "-1", "1e309", "<b>x</b>", "日本", "a" * 5000])
@pytest.mark.parametrize("section", ["The weights", DREAM, NINE])
def test_odd_links_fall_back(value: str, section: str) -> None:
    names = "layer deep filter channel goal class sign side steps twin fourier colours shaken rule rank end"
    keys = names.split(" ")
    odd = {f"feat_filters_{key}": value for key in keys}
    app = open_filters(**{**odd, "network": value, "seed": value, "feat_filters_section": section})
    assert app.selectbox(key="network").value == networks.DEFAULT
