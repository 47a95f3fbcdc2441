"""The view Three codes: its table, its question, a short run with untrained weights."""

import numpy as np
import pytest
import torch

from core.bundled import bundled
from core.snippets import style_side_by_side as snippets
from core.style.losses import content_loss, style_loss
from core.style.pixels import sized
from core.style.side_by_side import CODE_TITLES, positions, same_balance
from tests.pages.test_style import charts, open_view, ran, words

SMALL = {"style_weights": "untrained", "style_codes_side": "64", "style_codes_steps": "20"}


def test_the_table_has_core_s_numbers() -> None:
    app = open_view("Three codes", **SMALL, style_beta="100")
    (table,) = [each.value for each in app.dataframe]
    counted = positions("relu4_2", *sized(bundled("Cat").pixels, 64).shape[:2])
    assert list(table["layer"]) == [f"relu{block}_1" for block in range(1, 6)]
    for name, column in (("tutorial", "β, PyTorch tutorial"), ("johnson", "β, Johnson et al.")):
        wanted = [100 * same_balance(name, layer, "relu4_2", counted) for layer in table["layer"]]
        np.testing.assert_allclose([float(each) for each in table[column]], wanted, rtol=6e-3)
    assert "differs from layer to layer" in words(app)


def test_the_table_waits_for_the_answer() -> None:
    app = open_view("Three codes", **SMALL, ask="style_codes_beta")
    assert not app.dataframe
    assert "larger or smaller" in " ".join(each.label for each in app.radio) + words(app)


def test_all_four_are_made() -> None:
    app = ran(open_view("Three codes", **SMALL), "style_codes_go", "loss")
    said = [each for each in words(app).split("Pull, style to content")[1:] if ": 1**" in each]
    assert len(said) == len(CODE_TITLES)
    assert len(charts(app)) == 4
    app.select_slider(key="style_beta").set_value(10.0).run()
    assert "Made with other settings" in words(app)


@pytest.mark.parametrize("beta", [1.0, 1000.0])
def test_the_code_weighs_style_against_content(beta: float) -> None:
    dice = torch.Generator().manual_seed(0)
    room = {name: torch.rand(1, 8, 3, 4, generator=dice) for name in "FP"}
    room |= {name: torch.rand(8, 8, generator=dice) for name in "GA"}
    wanted = {
        name: float(beta * style_loss(room["G"], room["A"], name) / content_loss(room["F"], room["P"], name))
        for name in ("gatys", "tutorial", "johnson")
    }
    exec(snippets.balances(beta), room)
    assert room["result"] == pytest.approx(wanted)
