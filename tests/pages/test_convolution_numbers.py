"""The Numbers view in Streamlit's own test runner: its data against core, its links, its questions, its edits."""

import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.bundled import DEFAULT, bundled
from core.convolution import PRESETS, Layer, matrix_from_text, random_grid, run
from core.convolution.patch import patch
from pages.foundations.convolution_numbers_grid import SEVEN
from pages.shared.numbers_grid import Edit, read_edit

ROOT = Path(__file__).parents[2]
GRID = matrix_from_text(SEVEN)
SOBEL = next(known.values for known in PRESETS if known.label == "Sobel x")


VIEW = """
from pages.foundations.convolution_numbers import numbers_view
from pages.shared.picture_bar import current_photo

numbers_view(current_photo())
"""


def open_view(**parameters: str) -> AppTest:
    """The view by itself, without the pages around it."""
    app = AppTest.from_string(VIEW, default_timeout=120)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception[0].message
    return app


def shown(app: AppTest) -> dict:
    """What the component is given to draw."""
    for element in app.get("bidi_component"):
        if element.proto.component_name.endswith("explorer.numbers_grid"):
            return json.loads(element.proto.json)
    raise AssertionError("the Numbers component is not on the page")


def drawn(app: AppTest, panel: str = "output") -> np.ndarray:
    data = shown(app)[panel]
    return np.array(data["values"], float).reshape(data["rows"], data["columns"])


def texts(app: AppTest) -> str:
    return " ".join(element.value for element in (*app.markdown, *app.caption, *app.get("latex")))


def test_the_bare_page_works_the_default_through():
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    app.switch_page("pages/foundations/convolution.py").run()
    assert not app.exception
    np.testing.assert_allclose(drawn(app, "input"), GRID)
    np.testing.assert_allclose(drawn(app, "kernel"), SOBEL)
    np.testing.assert_allclose(drawn(app), run(Layer(), GRID, SOBEL))
    assert "5 × 5" in shown(app)["output"]["size"]


@pytest.mark.parametrize(
    "link, layer",
    [
        ({"conv_stride": "2", "conv_padding": "same"}, Layer(stride=(2, 2), padding=(1, 1, 1, 1))),
        ({"conv_stride_across": "3", "conv_padding": "2"}, Layer(stride=(1, 3), padding=(2, 2, 2, 2))),
        (
            {"conv_dilation": "2", "conv_padding": "full", "conv_mode": "replicate"},
            Layer(dilation=(2, 2), padding=(4, 4, 4, 4), mode="replicate"),
        ),
        (
            {"conv_padding": "by side", "conv_pad_top": "2", "conv_pad_right": "1", "conv_mode": "circular"},
            Layer(padding=(2, 0, 0, 1), mode="circular"),
        ),
        (
            {"conv_operation": "Transposed", "conv_stride": "2", "conv_padding": "1", "conv_extra_rows": "1"},
            Layer("transposed", stride=(2, 2), padding=(1, 1, 1, 1), output_padding=(1, 0)),
        ),
        (
            {"conv_operation": "Max pooling", "conv_window": "3", "conv_ceil": "true"},
            Layer("max_pool", kernel=(3, 3), stride=(2, 2), ceil_mode=True),
        ),
        (
            {"conv_operation": "Average pooling", "conv_padding": "1", "conv_count_pad": "false"},
            Layer("avg_pool", (2, 2), (2, 2), (1, 1, 1, 1), count_include_pad=False),
        ),
        (
            {"conv_operation": "Average pooling", "conv_global": "true"},
            Layer("avg_pool", kernel=(7, 7), stride=(7, 7)),
        ),
    ],
    ids=["stride", "one axis", "dilation", "by side", "transposed", "max", "average", "global"],
)
def test_a_link_opens_exactly_this_layer(link, layer):
    app = open_view(**link)
    expected = run(layer, GRID, None if layer.pools else SOBEL)
    assert drawn(app).shape == expected.shape
    np.testing.assert_allclose(drawn(app), expected, atol=1e-6)


def test_typed_numbers_and_weights_come_from_the_link():
    app = open_view(conv_grid="1 2; 3 4; 5 -6", conv_kernel="Own", conv_weights="1/2 1")
    np.testing.assert_allclose(drawn(app), [[2.5], [5.5], [-3.5]])


def test_a_random_grid_follows_its_seed():
    app = open_view(conv_source="Random", conv_rows="5", conv_columns="16", seed="3")
    np.testing.assert_allclose(drawn(app, "input"), random_grid((5, 16), 3))


def test_a_patch_of_the_photo():
    link = {"conv_block": "4", "conv_top": "20", "conv_left": "7", "conv_rows": "6", "conv_columns": "9"}
    app = open_view(conv_source="Photo", conv_channel="red", **link)
    expected = patch(bundled(DEFAULT).pixels, (20, 7), (6, 9), block=4, channel="red")
    np.testing.assert_allclose(drawn(app, "input"), expected)
    assert shown(app)["input"]["scale"] == "grey"


@pytest.mark.parametrize("value", ["nonsense", "-5", "1e9", "nan", "", "<b>"])
def test_what_a_link_must_not_say_falls_back_to_the_default(value):
    names = ("source", "kernel", "stride", "padding", "dilation", "section", "operation", "mode", "pad_top")
    app = open_view(**{f"conv_{name}": value for name in names})
    np.testing.assert_allclose(drawn(app), run(Layer(), GRID, SOBEL))


@pytest.mark.parametrize("words", ["1 2; 3", "a b", "9" * 40, "1/0", "; ;"])
def test_a_grid_that_cannot_be_read_is_explained_and_the_default_shown(words):
    app = open_view(conv_grid=words)
    assert len(app.warning) == 1 and "got" in app.warning[0].value
    np.testing.assert_allclose(drawn(app, "input"), GRID)


@pytest.mark.parametrize("operation", ["Convolution", "Transposed", "Max pooling", "Average pooling"])
@pytest.mark.parametrize("grid", ["5", "1 2 3", "1; 2; 3", "1 2; 3 4"], ids=["1x1", "1x3", "3x1", "2x2"])
def test_a_kernel_larger_than_the_input_leaves_only_what_is_possible(operation, grid):
    link = {"conv_stride": "5", "conv_dilation": "4", "conv_window": "7", "conv_padding": "by side"}
    app = open_view(conv_operation=operation, conv_grid=grid, **link)
    assert min(drawn(app).shape) >= 1
    bare = open_view(
        conv_operation=operation, conv_grid=grid, conv_kernel="Own", conv_weights="1 2 3 4 5 6 7"
    )
    assert min(drawn(bare).shape) >= 1


@pytest.mark.parametrize(
    "section", ["Output size", "Same layer, other frameworks", "Convolution is a matrix", "Cross-correlation"]
)
@pytest.mark.parametrize("operation", ["Convolution", "Transposed", "Max pooling", "Average pooling"])
def test_every_section_opens_for_every_operation(section, operation):
    app = open_view(conv_section=section, conv_operation=operation, conv_stride="2")
    linear = operation != "Max pooling"
    assert (shown(app)["matrix"] is not None) == (section == "Convolution is a matrix" and linear)


def test_the_proof_is_exact_on_whole_numbers():
    assert r"\mathrm{layer}(x)| = 0" in texts(
        open_view(conv_section="Convolution is a matrix", conv_padding="same")
    )


def test_rows_that_are_never_read_are_counted():
    assert "**1 row and 1 column are never read**" in texts(
        open_view(conv_grid="; ".join(["1 2 3 4 5 6 7 8"] * 8), conv_stride="2")
    )
    assert "Every input is read, by 1 to 9 outputs." in texts(open_view())


@pytest.mark.parametrize("question", ["rows", "value", "feeds"])
def test_a_question_hides_the_output_until_it_is_answered(question):
    app = open_view(ask=question)
    assert shown(app)["veiled"] and shown(app)["output"]["size"] == "? × ?"
    assert r"\frac{7" not in texts(app)
    app.number_input(key=f"guess_{question}").set_value(1).run()
    app.button(key=f"reveal_{question}").click().run()
    assert not app.exception and not shown(app)["veiled"]


def test_an_open_question_locks_the_sections_that_would_answer_it():
    app = open_view(ask="rows", conv_section="Same layer, other frameworks")
    assert "Answer the question first" in texts(app) and not app.get("imgs")


def test_a_pinned_cell_comes_from_the_link_and_keeps_its_number_when_padding_is_put_before_it():
    assert shown(open_view())["pin"] is None
    assert shown(open_view(conv_pin="output.1.3"))["pin"] == {"panel": "output", "index": 8}
    padded = shown(open_view(conv_pin="input.2.3", conv_padding="same"))
    assert padded["pin"] == {"panel": "input", "index": 3 * 9 + 4}
    assert padded["input"]["values"][padded["pin"]["index"]] == GRID[2, 3]
    assert shown(open_view(conv_pin="input.-1.-1", conv_padding="1"))["pin"]["index"] == 0


def test_a_pin_that_no_longer_fits_is_forgotten():
    app = open_view(conv_pin="output.4.4")
    assert shown(app)["pin"]["index"] == 24
    app.select_slider(key="conv_stride").set_value(2).run()
    assert not app.exception and shown(app)["pin"] is None
    assert not app.text_input(key="conv_pin").value and not app.query_params.get("conv_pin")


@pytest.mark.parametrize(
    "name", ["output", "output.5.5", "output.-1.0", "input.1e9.0", "x.0.0", "output.0.0.0", "٣", "é" * 900]
)
def test_a_pin_that_is_none_falls_back_to_nothing(name):
    app = open_view(conv_pin=name)
    assert shown(app)["pin"] is None
    app.select_slider(key="conv_stride").set_value(2).run()
    assert not app.exception and not app.query_params.get("conv_pin")


def test_a_pin_waits_while_a_question_hides_the_numbers():
    app = open_view(conv_pin="output.1.3", ask="rows")
    assert shown(app)["pin"] is None and app.text_input(key="conv_pin").value == "output.1.3"


def test_a_lesson_may_hide_the_kernel_and_still_set_it():
    app = open_view(hide="conv_kernel", conv_kernel="Laplacian")
    assert "Kernel" not in [box.label for box in app.selectbox]
    assert drawn(app, "kernel")[1, 1] == -4


@pytest.mark.parametrize(
    "answer",
    [None, "x", {}, {"panel": "output", "place": 0, "value": 1}, {"panel": "input", "place": -1, "value": 1},
     {"panel": "input", "place": 0, "value": 1e9}, {"panel": "input", "place": 0, "value": "1"}],
)  # fmt: skip
def test_only_an_edit_is_taken_for_one(answer):
    assert read_edit(answer) is None


def test_an_edit_is_read():
    assert read_edit({"panel": "kernel", "place": 3, "value": -2}) == Edit("kernel", 3, -2.0)
