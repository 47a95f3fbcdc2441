"""The Leak view in Streamlit's own test runner: a simulation to its end and stopped, numbers against core, links."""

import pytest

from core.augmentation.laboratory import leak_order
from core.augmentation.leak import WAYS, LeakRun, leak_summary
from core.figures.augmentation_leak import TITLES
from pages.foundations import augmentation_lab as lab
from tests.pages.test_augmentation_label import open_view, words

VIEW = "Leak"
RUNS = [
    LeakRun(way, seed, 0.8 + 0.03 * seed + 0.05 * (way == "leak"), 0.79, 0.81, 100, 50, 20 * (way == "leak"))
    for seed in range(2)
    for way in WAYS
]


def test_the_results_are_those_of_core() -> None:
    lab._remember(leak_order(2, 60, 3), tuple(RUNS))  # as if another visitor had trained them
    app = open_view(VIEW, aug_leak_seeds="2", aug_leak_digits="60", aug_leak_copies="3")
    _, leak, _ = leak_summary(RUNS)
    assert f"**{leak.unreal:.6g}**" in words(app)
    assert f"report **{leak.reported:.1%}** and reach **{leak.real:.1%}**" in words(app)
    assert f"± {leak.unreal_error:.3f}" in words(app)
    app = open_view(VIEW, ask="leak_which", aug_leak_seeds="2", aug_leak_digits="60", aug_leak_copies="3")
    assert "Hidden until" in words(app)
    assert "not real" not in words(app)
    app.radio(key="guess_leak_which").set_value(TITLES["leak"]).run()
    app.button(key="reveal_leak_which").click().run()
    assert app.success
    assert f"**{leak.unreal:.6g}**" in words(app)


def test_a_simulation_starts_and_stops() -> None:
    app = open_view(VIEW, aug_leak_seeds="1")
    assert "Press “Train them”: 3 networks" in words(app)
    assert all(title in words(app) for title in TITLES.values())
    app.button(key="aug_leak_go").click().run()
    assert [button.label for button in app.button if button.key == "aug_leak_stop"] == ["Stop"]
    app.button(key="aug_leak_stop").click().run()
    assert not app.exception
    assert not [button for button in app.button if button.key == "aug_leak_stop"]
    (bar,) = app.get("progress")
    assert bar.proto.text.startswith("Networks: stopped")


def test_a_chain_that_digits_cannot_take_is_replaced() -> None:
    assert "gentle copies are made instead" in words(
        open_view(VIEW, aug_chain="crop", aug_leak_chain="your chain")
    )
    fits = open_view(VIEW, aug_chain="rotate", aug_leak_chain="your chain")
    assert "gentle copies are made instead" not in words(fits)


@pytest.mark.parametrize("value", ["-1", "1e309", "<b>x</b>"])
def test_odd_links_fall_back(value: str) -> None:
    app = open_view(VIEW, **{f"aug_leak_{key}": value for key in ("seeds", "digits", "copies", "chain")})
    assert app.select_slider(key="aug_leak_seeds").value == 6
