"""The Odds view in Streamlit's own test runner: exact and counted numbers against core, the order, links."""

import pytest

from core.augmentation import Chain, Step, check_odds, odds, order_effect
from core.augmentation.text import chain_from_text
from core.bundled import bundled
from tests.pages.test_augmentation_label import open_view, words

VIEW, TEXT = "Odds", "rotate*0.5 blur*0.25 one(flip|hue)*0.8"


def test_the_numbers_are_those_of_core() -> None:
    app = open_view(VIEW, aug_chain=TEXT, aug_seed="7")
    chain = chain_from_text(TEXT)
    found, check = odds(chain), check_odds(chain, 7)
    assert f":blue[exact]  \n**{found.untouched:.2%}**" in words(app)
    assert f"draws]  \n**{check.untouched:.2%}**" in words(app)
    assert f"**{found.expected:.6g}**" in words(app)
    app.segmented_control(key="aug_odds_chance").set_value("75 %").run()
    assert f"**{odds(Chain((Step('blur', probability=0.75),) * 3)).untouched:.2%}**" in words(app)


def test_certain_steps_are_asked_about_with_a_chance() -> None:
    assert open_view(VIEW, aug_chain="zoom rotate").segmented_control(key="aug_odds_chance").value == "50 %"
    assert "every photo is left as it is" in words(open_view(VIEW, aug_chain="none"))


def test_the_order_is_that_of_core() -> None:
    app = open_view(VIEW, aug_odds_area="40", aug_odds_side="64")
    hw = bundled("Cat").pixels.shape[:2]
    for order in order_effect(Step("crop", 0.4, 0.4), Step("resize", 64, 64), hw, 0):
        height, width = order.hw
        assert f"**{height} × {width} pixels**, shows {order.seen:.1%} of the photo" in words(app)
    for pair in ("Rotate, crop", "Blur, resize", "Brightness, contrast"):
        app.segmented_control(key="aug_odds_pair").set_value(pair).run()
        assert not app.exception


def test_the_question_hides_the_numbers() -> None:
    app = open_view(VIEW, ask="odds_untouched", aug_chain="flip*0.5")
    assert ":blue[exact]  \n**?**" in words(app)
    app.radio(key="guess_odds_untouched").set_value("50 %").run()
    app.button(key="reveal_odds_untouched").click().run()
    assert app.success
    assert ":blue[exact]  \n**50.00%**" in words(app)


@pytest.mark.parametrize("value", ["-1", "1e309", "<b>x</b>"])
def test_odd_links_fall_back(value: str) -> None:
    app = open_view(VIEW, **{f"aug_odds_{key}": value for key in ("chance", "draws", "pair", "area", "side")})
    assert app.segmented_control(key="aug_odds_draws").value == 1000
