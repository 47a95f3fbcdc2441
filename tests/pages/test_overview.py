"""The first page: a card per view whose link opens what the card promises."""

from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from core.figures import overview as figures
from pages.shared.formula_view import plain_number
from tests.pages.opening import opened

ROOT = Path(__file__).parents[2]
CARDS = 24


def first_page(**parameters: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception[0].message
    return app


@cache
def links() -> tuple[tuple[str, dict[str, str]], ...]:
    """The page and the parameters of every card's link."""
    found = [each.proto for each in first_page().get("page_link")]
    return tuple((each.page, dict(parse_qsl(each.query_string))) for each in found)


def follow(card: int) -> tuple[AppTest, dict[str, str]]:
    """Open the link of a card."""
    page, parameters = links()[card]
    rooms = {"features": "networks", "transfer": "networks"}
    rooms |= dict.fromkeys(("detection", "two_stage", "style"), "applications")
    return opened(f"pages/{rooms.get(page, 'foundations')}/{page}.py", parameters), parameters


def test_there_is_a_card_for_every_view():
    assert [
        (
            page,
            next(
                link[key]
                for key in (
                    "conv_view",
                    "rf_view",
                    "aug_view",
                    "feat_view",
                    "tl_view",
                    "det_view",
                    "ts_view",
                    "style_view",
                )
                if key in link
            ),
        )
        for page, link in links()
    ] == [
        ("convolution", "Numbers"),
        ("convolution", "Photo"),
        ("convolution", "Cost"),
        ("receptive_field", "Stack"),
        ("receptive_field", "Real networks"),
        ("receptive_field", "On your photo"),
        ("augmentation", "Draws"),
        ("augmentation", "Targets"),
        ("augmentation", "Label"),
        ("features", "Maps"),
        ("features", "Filters"),
        ("features", "Why this class?"),
        ("transfer", "Photos"),
        ("transfer", "Train"),
        ("transfer", "Race"),
        ("detection", "Boxes"),
        ("detection", "Suppression"),
        ("detection", "From the tensor"),
        ("two_stage", "Selective search"),
        ("two_stage", "R-CNN and Fast R-CNN"),
        ("two_stage", "Faster R-CNN"),
        ("style", "At once"),
        ("style", "Step by step"),
        ("style", "Why it works"),
    ]


@pytest.mark.parametrize("card", range(CARDS))
def test_every_card_opens_a_page_that_takes_its_parameters(card):
    app, parameters = follow(card)
    for name, value in parameters.items():
        if name != "conv_cost_wiring":  # held as a number of groups
            assert str(app.session_state[name]).lower() == value.lower(), name


def test_the_numbers_on_the_cost_card_are_those_of_its_page():
    app = first_page()
    counts = [arrangement.cost.multiplications for arrangement in figures.cost_example()]
    promise = next(text.value for text in app.markdown if "Rewire" in text.value)
    assert all(f"{count:,}" in promise for count in counts)
    app, _ = follow(2)
    assert f"**{plain_number(counts[1])}**" in [text.value for text in app.markdown]


@pytest.mark.parametrize("photo", ["Cat", "Handwriting", "nonsense"])
def test_the_page_opens_for_any_picture(photo):
    assert len(first_page(photo=photo).get("page_link")) == CARDS
