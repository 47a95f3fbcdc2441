"""The cost view in Streamlit's own test runner: its numbers against core, its links, its questions."""

import pytest
from streamlit.testing.v1 import AppTest

from core.convolution.cost import SEPARABLE, ConvLayer, arrange, comparisons, layer_cost
from pages.foundations.convolution_cost import SECTIONS
from pages.shared.formula_view import plain_number
from tests.pages.opening import opened

PAGE = "pages/foundations/convolution.py"
NUMBERS = ("height", "width", "channels", "filters", "stride", "dilation", "rows", "columns", "batch")
PARAMETERS = (*NUMBERS, "padding", "bias", "wiring", "memory", "optimiser", "sweep", "classic", "section")
DEFAULT = ConvLayer(8, 16, (3, 3), (32, 32), padding=(1, 1))


def open_view(**parameters: str) -> AppTest:
    return opened(PAGE, {"conv_view": "Cost", **parameters})


def results(app: AppTest) -> list[str]:
    """The numbers that stand beside a formula."""
    return [text.value.strip("*") for text in app.markdown if text.value.startswith("**")]


def formulas(app: AppTest) -> str:
    return " ".join(latex.value for latex in app.get("latex"))


@pytest.mark.parametrize(
    "link, layers",
    [
        ({}, (DEFAULT,)),
        ({"conv_cost_wiring": "4 groups"}, arrange(DEFAULT, 4).layers),
        ({"conv_cost_wiring": "depthwise + pointwise"}, arrange(DEFAULT, SEPARABLE).layers),
        (
            {
                "conv_cost_height": "20",
                "conv_cost_width": "31",
                "conv_cost_channels": "6",
                "conv_cost_filters": "9",
                "conv_cost_rows": "5",
                "conv_cost_columns": "1",
                "conv_cost_stride": "2",
                "conv_cost_dilation": "2",
                "conv_cost_padding": "valid",
                "conv_cost_bias": "false",
                "conv_cost_wiring": "3 groups",
            },
            (ConvLayer(6, 9, (5, 1), (20, 31), (2, 2), (0, 0), (2, 2), 3, bias=False),),
        ),
    ],
    ids=["default", "grouped", "separable", "everything"],
)
def test_the_numbers_of_a_link_are_those_of_core(link, layers):
    app = open_view(**link)
    cost = layer_cost(*layers)
    for formula in (cost.parameters, cost.macs, cost.activations, cost.training_bytes):
        assert plain_number(formula.value) in results(app), formula.name
        assert formula.filled in formulas(app)


@pytest.mark.parametrize(
    "use, optimiser, field", [("to run", "Adam", "inference_bytes"), ("to train", "SGD", "training_bytes")]
)
def test_memory_follows_batch_and_use(use, optimiser, field):
    app = open_view(conv_cost_memory=use, conv_cost_batch="32", conv_cost_optimiser=optimiser)
    formula = getattr(layer_cost(DEFAULT, batch=32, optimiser=optimiser), field)
    assert plain_number(formula.value) in results(app)


def test_the_wiring_slider_offers_common_divisors_only():
    app = open_view(conv_cost_channels="12", conv_cost_filters="18")
    assert app.select_slider(key="conv_cost_wiring").options == [
        "standard",
        "2 groups",
        "3 groups",
        "6 groups",
        "depthwise + pointwise",
    ]


def test_a_wiring_that_is_no_longer_possible_moves_to_the_nearest():
    app = open_view(conv_cost_wiring="4 groups")
    app.number_input(key="conv_cost_filters").set_value(6).run()
    assert not app.exception
    assert app.select_slider(key="conv_cost_wiring").value == 2


def test_a_kernel_that_does_not_fit_cannot_be_chosen():
    app = open_view(conv_cost_padding="valid", conv_cost_height="4", conv_cost_width="1")
    assert app.select_slider(key="conv_cost_rows").options == ["1", "3"]
    assert not [slider for slider in app.select_slider if slider.key == "conv_cost_columns"]


def test_a_lesson_link_hides_controls_and_keeps_their_values():
    app = open_view(
        hide="conv_cost_wiring,conv_cost_filters", conv_cost_wiring="2 groups", conv_cost_filters="4"
    )
    assert "conv_cost_wiring" not in [slider.key for slider in app.select_slider]
    cost = arrange(ConvLayer(8, 4, (3, 3), (32, 32), padding=(1, 1)), 2).cost
    assert plain_number(cost.macs.value) in results(app)


@pytest.mark.parametrize("section", ["This layer", "Standard to depthwise", "What drives the cost"])
@pytest.mark.parametrize("field", ["parameters", "macs"])
def test_a_question_keeps_its_answer_off_the_page(field, section):
    question = open_view(conv_cost_section=section)
    picked = next(radio for radio in question.radio if radio.key == "ask")
    picked.set_value(field).run()
    formula = getattr(layer_cost(DEFAULT), field)
    assert plain_number(formula.value) not in results(question)
    assert formula.filled not in formulas(question)
    assert not question.get("plotly_chart")
    question.number_input(key=f"guess_{field}").set_value(formula.value).run()
    question.button(key=f"reveal_{field}").click().run()
    assert formula.filled in formulas(question)
    assert len(question.get("plotly_chart")) == (section != "This layer")
    assert any("Right" in box.value for box in question.success)


def test_the_separable_question_has_one_right_verdict():
    app = open_view(conv_cost_section="Standard to depthwise")
    next(radio for radio in app.radio if radio.key == "ask").set_value("separable").run()
    assert not app.get("plotly_chart")
    app.radio(key="guess_separable").set_value("less than a quarter").run()
    app.button(key="reveal_separable").click().run()
    assert any("Right" in box.value for box in app.success)  # 1/16 + 1/9


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_opens(section):
    open_view(conv_cost_section=section)


@pytest.mark.parametrize("comparison", comparisons(), ids=lambda comparison: comparison.key)
def test_a_classic_shows_both_numbers_and_their_ratio(comparison):
    app = open_view(conv_cost_section="Classic comparisons", conv_cost_classic=comparison.title)
    shown = [metric.value for metric in app.metric]
    assert shown == [
        plain_number(comparison.count(side).value) for side in (comparison.left, comparison.right)
    ]
    assert plain_number(float(comparison.ratio)) in results(app)


@pytest.mark.parametrize("seed", ["0", "7", "nonsense"])
def test_the_dense_layer_and_the_convolution_agree_on_the_page(seed):
    app = open_view(conv_cost_section="A dense layer is a convolution", seed=seed)
    assert any("largest difference 0" in text for text in results(app))
    table = app.dataframe[0].value
    assert table["Dense"].tolist() == table["Convolution"].tolist()


@pytest.mark.parametrize("value", ["", "-1", "0", "999999999999", "nan", "1e309", "<b>", "日本", "a" * 5000])
def test_odd_links_fall_back(value):
    app = open_view(
        **dict.fromkeys(map("conv_cost_{}".format, PARAMETERS), value), seed=value, ask=value, hide=value
    )
    assert plain_number(layer_cost(DEFAULT).macs.value) in results(app)


@pytest.mark.parametrize("channels, filters", [(1, 1), (1024, 1024), (97, 512), (1, 1024)])
def test_extreme_widths_are_drawn(channels, filters):
    for wiring in ("standard", "depthwise + pointwise"):
        open_view(conv_cost_channels=str(channels), conv_cost_filters=str(filters), conv_cost_wiring=wiring)
