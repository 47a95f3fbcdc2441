"""The maps view in Streamlit's own test runner: numbers against core, links, questions, missing weights."""

import pytest
from streamlit.testing.v1 import AppTest

from core import networks
from core.bundled import bundled
from core.features import scene as scenes
from core.features.maps import channel_table, strongest_place
from core.features.scene import Look
from tests.pages.opening import opened

PAGE = "pages/networks/features.py"
LAYER = "blocks.2.0.bn1.act"


def open_maps(**parameters: str) -> AppTest:
    return opened(PAGE, parameters)


def words(app: AppTest) -> str:
    return " ".join(text.value for text in (*app.markdown, *app.caption))


def bars(app: AppTest) -> list[str]:
    return [bar.proto.text for bar in app.get("progress")]


@pytest.fixture(scope="module")
def seen() -> scenes.Scene:
    return scenes.scene(Look(networks.DEFAULT), bundled("Cat"))


def test_the_page_opens_with_the_prediction_and_the_unit_of_core(seen: scenes.Scene) -> None:
    app = open_maps()
    assert [bar.split(" **")[0] for bar in bars(app)] == [name for name, _ in scenes.predictions(seen)]
    maps = scenes.layer_maps(seen, LAYER)
    channel = int(channel_table(maps).spread.argmax())
    y, x = strongest_place(maps[channel])
    metric = app.metric[0]
    assert metric.label == f"Channel {channel}, row {y}, column {x}"
    assert metric.value == f"{maps[channel, y, x]:.4f}"
    assert f"**{LAYER}**: after ReLU6 · 144 maps of 56 × 56" in words(app)


def test_a_link_names_layer_and_unit_and_the_table_adds_up(seen: scenes.Scene) -> None:
    app = open_maps(feat_layer="blocks.1.0.conv_dw", feat_channel="7", feat_y="3", feat_x="55")
    value = scenes.layer_maps(seen, "blocks.1.0.conv_dw")[7, 3, 55]
    assert app.metric[0].value == f"{value:.4f}"
    table = app.dataframe[0].value
    assert table["contributes"].iloc[-1] == pytest.approx(value, abs=1e-3)
    assert table["contributes"].iloc[:-1].sum() == pytest.approx(value, abs=1e-3)


def test_a_channel_that_is_not_there_moves_to_the_nearest() -> None:
    app = open_maps(feat_channel="100000", feat_layer="nowhere", feat_y="-4")
    assert app.number_input(key="feat_channel").value <= 143


@pytest.mark.parametrize("section", ["Cut the wire", "The layer in numbers", "Side by side", "Two photos"])
def test_every_closer_look_opens(section: str) -> None:
    app = open_maps(feat_section=section)
    if section == "Cut the wire":
        table = app.dataframe[0].value
        error = table["foretold"] - table["output after"]
        assert (error - table["error"]).abs().max() < 2e-3
    if section == "The layer in numbers":
        assert app.metric[0].label == "Zeros" and app.metric[1].value.endswith("of 144")


def test_weights_that_are_missing_are_named_with_size_and_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    app = open_maps(network="squeezenet1_1")
    assert "MB" in app.warning[0].value and "fetch" in app.warning[0].value
    assert len(bars(app)) == 5 and "Untrained" in words(app)


def test_the_untrained_network_follows_its_seed() -> None:
    first, second = (bars(open_maps(feat_weights="untrained", seed=seed)) for seed in ("0", "1"))
    assert first != second


@pytest.mark.parametrize("question", ["top", "sparse", "cut"])
def test_a_question_hides_its_number_until_it_is_answered(question: str) -> None:
    sections = {"sparse": "The layer in numbers", "cut": "Cut the wire"}
    app = open_maps(ask=question, feat_section=sections.get(question, "One unit"))
    if question == "top":
        assert not bars(app)
    if question == "sparse":
        assert app.metric[0].value == "?"
    if question == "cut":
        assert not app.dataframe
