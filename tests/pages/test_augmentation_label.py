"""The Label view in Streamlit's own test runner: the curve against core, the digit whose label turns wrong, links."""

import pytest
import torch
from streamlit.testing.v1 import AppTest

from core.augmentation.digit_story import read_digit
from core.augmentation.digits import DigitNetwork, clearest, trained_digits
from core.augmentation.families import relatives
from core.augmentation.formulas import safe_share
from core.augmentation.laboratory import digit_order
from core.augmentation.survival import survival_curve
from core.bundled import bundled
from core.networks import DEFAULT, record
from pages.foundations import augmentation_lab as lab
from tests.pages.opening import opened

PAGE = "pages/foundations/augmentation.py"
VIEW = "Label"


def open_view(view: str, **parameters: str) -> AppTest:
    return opened(PAGE, {"aug_view": view, **parameters})


def words(app: AppTest) -> str:
    texts = (*app.markdown, *app.caption, *app.info, *app.latex, *app.success, *app.warning, *app.error)
    return " ".join(text.value for text in texts)


@pytest.fixture(scope="module")
def network() -> DigitNetwork:
    """A digit network that is known to the laboratory, as if someone had trained it before."""
    torch.set_num_threads(1)
    found = trained_digits(0)
    lab._remember(digit_order(0), (found,))
    return found


def test_the_curve_is_that_of_core() -> None:
    app = open_view(VIEW, aug_label_points="13", aug_label_at="0.4583")
    cats = relatives("tiger cat", record(DEFAULT).categories)
    curve = survival_curve(bundled("Cat"), "erasing", 13, also=cats)
    place = 11
    assert f"P(cat) \\= **{curve.probabilities[place]:.3f}**".replace("\\", "") in words(app).replace(
        "\\", ""
    )
    assert f"**{safe_share(curve).value:.6g}**" in words(app)
    app.segmented_control(key="aug_label_counts").set_value("one").run()
    alone = survival_curve(bundled("Cat"), "erasing", 13)
    assert f"**{safe_share(alone).value:.6g}**" in words(app)


def test_the_question_hides_the_curve() -> None:
    app = open_view(VIEW, ask="label_safe", aug_label_transform="Flip left and right")
    assert "Hidden until" in words(app)
    assert "safe share" not in words(app)
    guess = app.radio(key="guess_label_safe")
    guess.set_value(guess.options[3]).run()
    app.button(key="reveal_label_safe").click().run()
    assert "safe share" in words(app)
    assert "**Mirrored text**" in words(app)


def test_the_label_is_wrong_and_not_the_network(network: DigitNetwork) -> None:
    app = open_view(VIEW, aug_label_of="A digit")
    reading = read_digit(network, "rotate", clearest(network, 6), 180.0)
    assert reading.outcome == "the label is wrong"
    assert "**The label is now wrong**: a reader sees a 9." in words(app)
    assert f"The network says **9** ({reading.probability:.0%}); P(6) = **{reading.of_label:.3f}**" in words(
        app
    )
    assert f"**{network.accuracy:.6g}**" in words(app)
    app.select_slider(key="aug_label_turn_rotate").set_value(0.0).run()
    assert "Still a 6." in words(app)
    app.segmented_control(key="aug_label_digit").set_value(8).run()
    assert not app.exception


@pytest.mark.parametrize("value", ["-1", "1e309", "<b>x</b>"])
def test_odd_links_fall_back(value: str, network: DigitNetwork) -> None:
    keys = (
        "of",
        "transform",
        "points",
        "counts",
        "at",
        "cards",
        "digit",
        "net",
        "digit_transform",
        "turn_rotate",
    )
    odd = {f"aug_label_{key}": value for key in keys}
    app = open_view(VIEW, **odd)
    assert app.selectbox(key="aug_label_transform").value == "erasing"
    assert app.segmented_control(key="aug_label_of").value == "Your photo"
    app = open_view(VIEW, **{**odd, "aug_label_of": "A digit"})
    assert app.segmented_control(key="aug_label_digit").value == 6
