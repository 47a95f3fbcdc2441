"""The receptive field page in Streamlit's own test runner: numbers against core, links, questions, edits."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.figures.receptive_field import bench_data
from core.receptive_field import (
    PRESETS,
    coverage,
    network_fields,
    padding_share,
    stack_from_text,
    stack_to_text,
    trace_stack,
    unit_box,
)
from core.receptive_field.backward import read_indices
from core.receptive_field.placement import nearest_unit
from pages.shared import linked_stack
from pages.shared.linked_stack import DEFAULT_SIDE, DEFAULT_TEXT
from tests.pages.opening import opened

PAGE = "pages/foundations/receptive_field.py"
STACK, NETWORKS, PHOTO = "Stack", "Real networks", "On your photo"


def open_view(view: str, **parameters: str) -> AppTest:
    return opened(PAGE, {"rf_view": view, **parameters})


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def words(app: AppTest) -> str:
    return " ".join(text.value for text in app.markdown)


def drawing(app: AppTest) -> dict:
    """What the stack editor was given."""
    shown = [json.loads(each.proto.json) for each in app.get("bidi_component") if "layers" in each.proto.json]
    return shown[0]


STACKS = {
    "default": (DEFAULT_TEXT, DEFAULT_SIDE),
    "dilated": (PRESETS["Dilations 2, 2, 2"], 40),
    "transposed": ("c3s2p1x8 t4s2p1x4 m3s2p1", 24),
    "alexnet": (PRESETS["AlexNet"], 224),
    "one layer": ("c1x1", 4),
}


@pytest.mark.parametrize("text, side", STACKS.values(), ids=STACKS)
def test_the_link_s_stack_is_shown_with_core_s_numbers(text: str, side: int) -> None:
    app = open_view(STACK, rf_stack=text, rf_side=str(side))
    rows = trace_stack(stack_from_text(text), (side, side))
    found = metrics(app)
    assert found["Receptive field of the last map"] == f"{rows[-1].size} px"
    assert found["Jump between its units"] == f"{float(rows[-1].jump):g} px"
    assert found["Parameters"] == f"{sum(row.parameters for row in rows):,}"
    table = app.dataframe[0].value
    assert table["Field"].tolist() == [row.size for row in rows]
    assert table["Multiply-adds"].tolist() == [row.macs for row in rows]
    assert table["Neurons"].tolist() == [row.neurons for row in rows]


@pytest.mark.parametrize("text, side", STACKS.values(), ids=STACKS)
def test_the_drawing_follows_exactly_the_positions_that_core_reads(text: str, side: int) -> None:
    layers = stack_from_text(text)
    data = bench_data(trace_stack(layers, (side, side)))
    for layer, drawn in zip(layers, data["layers"], strict=True):
        for unit in range(drawn["size"]):
            read = [drawn["first"][unit] + tap * drawn["step"] for tap in range(drawn["count"][unit])]
            assert read == read_indices((layer,), unit).tolist()


@pytest.mark.parametrize(
    "parameters",
    [
        {"rf_stack": "nonsense"},
        {"rf_stack": "c3d64 c255p255"},
        {"rf_stack": "c9 c9 c9 c9 c9", "rf_side": "8"},
        {"rf_stack": "", "rf_side": "-4", "rf_channels": "zebra"},
        {"rf_side": "99999999999999999999"},
        {"rf_panel": "nowhere", "rf_step": "conv 99", "ask": "?"},
        {"rf_panel": "Goal seek", "rf_target": "1e9", "rf_budget": "nan", "rf_goal_side": "-1"},
        {"rf_view": "Somewhere"},
        {"rf_stack": "<script>alert(1)</script>" * 50},
    ],
    ids=lambda parameters: ",".join(parameters),
)
def test_odd_links_fall_back(parameters: dict[str, str]) -> None:
    app = open_view(**({"view": STACK} | parameters))
    assert metrics(app)["Receptive field of the last map"].endswith(" px")


def test_a_preset_goes_into_the_link_s_text_and_picture_side() -> None:
    app = open_view(STACK)
    app.pills(key="rf_preset").set_value("LeNet-5").run()
    assert app.text_input(key="rf_stack").value == PRESETS["LeNet-5"]
    assert app.number_input(key="rf_side").value == 28


def test_the_recurrence_stands_beside_the_slips_with_their_wrong_answers() -> None:
    app = open_view(STACK, rf_panel="How it grows")
    row = trace_stack(stack_from_text(DEFAULT_TEXT), (DEFAULT_SIDE, DEFAULT_SIDE))[-1]
    shown = " ".join(latex.value for latex in app.get("latex"))
    for formula in (row.formulas[1], *row.slips):
        assert formula.symbolic in shown
        assert formula.filled in shown
    captions = " ".join(caption.value for caption in app.caption)
    for slip in row.slips:
        assert f"{slip.value - row.size:+g} px" in captions


def test_holes_are_counted_as_in_core() -> None:
    app = open_view(STACK, rf_panel="Holes", rf_stack="c3d2x8 c3d4x8")
    found = coverage(stack_from_text("c3d2x8 c3d4x8"))
    assert found.holes > 0
    assert f"**{found.holes:,} never read**" in words(app)


def test_every_proposal_of_the_goal_loads_into_the_editor() -> None:
    app = open_view(STACK, rf_panel="Goal seek")
    load = next(button for button in app.button if button.key and button.key.startswith("rf_load_"))
    load.click().run()
    layers = stack_from_text(app.text_input(key="rf_stack").value)
    assert trace_stack(layers, (224, 224))[-1].size >= 120
    assert metrics(app)["Receptive field of the last map"] == f"{trace_stack(layers, (224, 224))[-1].size} px"


def test_a_question_veils_the_field_until_it_is_revealed() -> None:
    app = open_view(STACK, ask="field")
    assert metrics(app)["Receptive field of the last map"] == "?"
    assert drawing(app)["veiled"] is True
    app.number_input(key="guess_field").set_value(17).run()
    app.button(key="reveal_field").click().run()
    assert metrics(app)["Receptive field of the last map"] == "17 px"
    assert "Right" in app.success[0].value


LAYER = {"kernel": 3, "stride": 1, "padding": 1, "dilation": 2, "channels": 8, "output_padding": 1}


@pytest.mark.parametrize(
    "settings, expected",
    [
        ({"kind": "conv"}, "c3p1d2x8"),
        ({"kind": "avg_pool"}, "a3s1p1"),
        ({"kind": "max_pool", "padding": 9}, "m3s1p1d2"),
        ({"kind": "transposed"}, "t3p1d2x8o1"),
    ],
    ids=["conv", "avg_pool", "max_pool", "transposed"],
)
def test_an_edit_becomes_the_link_s_text(monkeypatch, settings: dict, expected: str) -> None:
    kept: dict = {}
    monkeypatch.setattr(linked_stack.session, "assign", kept.update)
    linked_stack.take_edit({"input": {"size": 9999, "channels": 0}, "layers": [LAYER | settings]})
    assert kept[linked_stack.TEXT] == expected
    assert stack_to_text(stack_from_text(expected)) == expected
    assert (kept[linked_stack.SIDE], kept[linked_stack.CHANNELS]) == (512, 1)


@pytest.mark.parametrize(
    "edit",
    [
        {
            "input": {"size": 8, "channels": 3},
            "layers": [LAYER | {"kind": "conv", "kernel": 15, "padding": 0}],
        },
        {"input": {"size": 8, "channels": 3}, "layers": [LAYER | {"kind": "attention"}]},
    ],
    ids=["vanishes", "unknown kind"],
)
def test_an_impossible_edit_is_refused_with_a_sentence(monkeypatch, edit: dict) -> None:
    kept: dict = {}
    monkeypatch.setattr(linked_stack.session, "assign", kept.update)
    linked_stack.take_edit(edit)
    assert set(kept) == {linked_stack.REFUSED}
    assert kept[linked_stack.REFUSED].endswith(".")


@pytest.mark.parametrize("name", ["alexnet", "resnet50", "mobilenet_v3_small"])
def test_a_network_s_numbers_are_core_s(name: str) -> None:
    app = open_view(NETWORKS, network=name, rf_net_panel="Every layer", rf_all_ops="true")
    fields = network_fields(name)
    assert metrics(app)["Receptive field of the last map"] == f"{fields[-1].size:,} px"
    assert app.dataframe[0].value["Field"].tolist() == [field.size for field in fields]
    assert ("whole image**" in words(app)) == any(field.whole_image for field in fields)


@pytest.mark.parametrize("panel", ["Compare", "Paths", "Nothing new to see", "Code"])
@pytest.mark.parametrize("name", ["vgg16", "resnet50_v1", "efficientnet_b0", "tf_efficientnet_lite0"])
def test_every_panel_opens_for_every_kind_of_network(panel: str, name: str) -> None:
    open_view(NETWORKS, network=name, rf_net_panel=panel)


def test_a_picture_too_small_for_a_network_is_explained() -> None:
    app = open_view(NETWORKS, network="inception_v3", rf_net_side="32")
    assert len(app.warning) == 1


@pytest.mark.parametrize("place", [(112, 112), (0, 0), (223, 3)], ids=["middle", "corner", "edge"])
def test_the_photo_view_shows_the_unit_s_box(place: tuple[int, int]) -> None:
    app = open_view(PHOTO, rf_net_layer="layer1.0.conv2", rf_y=str(place[0]), rf_x=str(place[1]))
    row = next(field for field in network_fields("resnet18") if field.name == "layer1.0.conv2")
    unit = nearest_unit(row, place)
    share = padding_share(unit_box(row, unit), (224, 224))
    assert metrics(app)["Field by the formula"] == f"{row.size} px"
    assert metrics(app)["Only padding"] == f"{share:.1%}"
    assert f"**Unit ({unit[0]}, {unit[1]})**" in words(app)


def test_a_poke_outside_moves_nothing_and_inside_moves_the_unit() -> None:
    link = {
        "rf_source": "Your stack",
        "rf_stack": "c3p1x4 c3p1x4",
        "rf_look": "64",
        "rf_mode": "Poke a pixel",
    }
    app = open_view(PHOTO, **link)
    app.button(key="poke_edge").click().run()
    assert not app.exception
    table = app.table[0].value
    assert table["Field"].tolist() == ["inside", "outside"]
    assert table["Difference"].tolist()[1] == "0"
    assert table["Difference"].tolist()[0] != "0"
    app.button(key="poke_clear").click().run()
    assert not app.table


@pytest.mark.parametrize(
    "parameters",
    [
        {"rf_pokes": "999.999 -3.4 1.2.3 zebra", "rf_x": "9999", "rf_y": "-1"},
        {"rf_net_layer": "nowhere", "network": "nobody"},
        {"rf_look": "63", "seed": "-5", "rf_mode": "Hit"},
        {"rf_source": "Your stack", "rf_stack": "c255x1", "rf_look": "64"},
        {"network": "vgg16", "rf_look": "64", "rf_pokes": "3.3"},
    ],
    ids=["pokes", "network", "sizes", "stack too large", "small picture"],
)
def test_odd_links_to_the_photo_view_fall_back(parameters: dict[str, str]) -> None:
    open_view(PHOTO, **parameters)


@pytest.mark.parametrize(
    "view, asked", [(NETWORKS, "further"), (PHOTO, "padding"), (PHOTO, "effect"), (PHOTO, "outside")]
)
def test_the_other_views_ask_too(view: str, asked: str) -> None:
    app = open_view(view, ask=asked)
    assert "?" in metrics(app).values() or asked == "outside"
    assert app.button(key=f"reveal_{asked}").disabled
