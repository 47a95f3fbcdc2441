"""The view "Why this class?" in Streamlit's own test runner: numbers against core, every method, links, questions."""

import time

import pytest
from streamlit.testing.v1 import AppTest

from core import networks
from core.bundled import bundled
from core.features import scene as scenes
from core.features.explanations import METHODS, Subject, explain, formulas_of, subject_in
from core.features.probe import covered
from core.features.scene import Look
from core.features.verdict import map_verdict
from pages.networks.features_why_source import BENCH
from pages.shared.formula_view import plain_number
from tests.pages.opening import opened

PAGE = "pages/networks/features.py"


@pytest.fixture(scope="module")
def cat() -> Subject:
    seen = scenes.scene(Look(networks.DEFAULT), bundled("Cat"))
    return subject_in(seen.circuit, seen.tensor, int(scenes.all_outputs(seen).argmax()))


def open_why(**parameters: str) -> AppTest:
    return opened(PAGE, {"feat_view": "Why this class?", **parameters})


def words(app: AppTest) -> str:
    return " ".join(text.value for text in (*app.markdown, *app.caption, *app.info, *app.latex))


def buttons(app: AppTest) -> list[str]:
    return [button.key for button in app.button]


def test_it_opens_with_grad_cam_of_the_first_answer(cat: Subject) -> None:
    app = open_why()
    found = explain("grad_cam", cat)
    shown = words(app)
    assert "#### tiger cat · 37.5%" in shown
    assert map_verdict(found, cat.hw, "tiger cat") in shown
    for formula in formulas_of(found):
        assert f"**{plain_number(formula.value)}**" in shown
    assert app.selectbox(key="feat_why_layer").value == cat.layer


def test_each_quick_method_stands_with_its_numbers(cat: Subject) -> None:
    app = open_why(feat_why_method="Saliency")
    for name in (name for name, method in METHODS.items() if not method.slow):
        app.selectbox(key="feat_why_method").set_value(name).run()
        found, shown = explain(name, cat), words(app)
        assert map_verdict(found, cat.hw, "tiger cat") in shown
        assert f"**{plain_number(formulas_of(found)[0].value)}**" in shown
        warning = METHODS[name].warning
        assert [each.value for each in app.warning] == [warning] * bool(warning)


def test_a_slow_method_is_waited_for_and_can_be_stopped(cat: Subject) -> None:
    app = open_why(feat_why_method="Occlusion", feat_why_window="96")
    if "feat_why_stop_large_0" in buttons(app):
        app.button(key="feat_why_stop_large_0").click().run()
        assert "feat_why_go_large_0" in buttons(app)
        app.button(key="feat_why_go_large_0").click().run()
    deadline = time.monotonic() + 60
    while "Largest fall of the output" not in words(app):
        assert time.monotonic() < deadline
        time.sleep(0.3)
        app.run()
    assert not app.exception


def test_a_covered_place_changes_the_output_as_core_says(cat: Subject) -> None:
    app = open_why(feat_why_y="150", feat_why_x="40", feat_why_cover="64")
    change = covered(cat, (150, 40), 64)
    assert f"{change.shares[0]:.1%} to {change.shares[1]:.1%}" in words(app)


def test_two_classes_stand_side_by_side() -> None:
    app = open_why(feat_why_class="Egyptian cat (285)", feat_why_other="first answer")
    shown = words(app)
    assert "#### Egyptian cat" in shown and "#### tiger cat" in shown and "rank correlation" in shown


def test_an_untrained_network_is_called_so() -> None:
    app = open_why(network="squeezenet1_1", feat_weights="untrained")
    assert "Untrained: the weights are random" in words(app)


def test_the_map_is_hidden_while_it_is_asked_for() -> None:
    app = open_why(ask="where")
    assert "Make your prediction" in words(app)
    assert "Half of what speaks" not in words(app)
    app.radio(key="guess_where").set_value("bottom left").run()
    app.button(key="reveal_where").click().run()
    assert not app.exception and "Half of what speaks" in words(app)


@pytest.mark.parametrize(
    ("question", "section"), [("faithful", "Take away, bring back"), ("stubborn", "Sanity check")]
)
def test_the_trials_are_hidden_while_they_are_asked_for(question: str, section: str) -> None:
    app = open_why(ask=question, feat_why_section=section)
    assert "Hidden until you have made your prediction." in words(app)
    for owner in {name for job in BENCH._jobs.values() for name in job._seen}:
        BENCH.leave(owner)


@pytest.mark.parametrize("value", ["-1", "1e309", "<b>日本</b>"])
def test_odd_links_fall_back(value: str) -> None:
    names = "class other method layer style opacity cover y x channels steps window section slow share depth measure"
    odd = {f"feat_why_{name}": value for name in names.split()}
    app = open_why(**{**odd, "network": value, "seed": value})
    assert app.selectbox(key="feat_why_method").value == "grad_cam"
    assert "#### tiger cat" in words(app)
