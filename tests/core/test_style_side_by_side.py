"""Three codes side by side: each is the run of its own recipe; the factors are those of the losses themselves."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core import networks
from core.jobs import Tick
from core.style.frames import Styled
from core.style.losses import NORMALISATIONS, content_loss, style_loss
from core.style.side_by_side import CODES, Beside, positions, recipes, same_balance, side_by_side
from core.style.stylize import stylize
from core.style.trunk import BLOCKS, Trunk, layer_names, width_of
from tests.core.test_style_stylize import PHOTO, QUICK, STYLE

BASE = replace(QUICK, steps=10, style_weight=3.0)


def test_each_column_is_the_run_of_its_recipe() -> None:
    *ticks, end = side_by_side(PHOTO, STYLE, BASE)
    assert isinstance(end, Beside)
    assert [column.code for column in end.columns] == list(CODES)
    for column in end.columns:
        *_, alone = stylize(PHOTO, (STYLE,), column.recipe)
        assert isinstance(alone, Styled)
        np.testing.assert_array_equal(column.frame.pixels, alone.best.pixels)
    assert all(isinstance(each, Tick) for each in ticks)
    assert (ticks[-1].done, ticks[-1].total) == (1000, 1000)
    assert [tick.done for tick in ticks] == sorted(tick.done for tick in ticks)


def test_all_codes_have_the_same_faders_but_the_last() -> None:
    found = recipes(replace(BASE, content_weight=2.0))
    assert [found[name].normalisation for name in NORMALISATIONS] == list(NORMALISATIONS)
    assert {(found[name].content_weight, found[name].style_weight) for name in NORMALISATIONS} == {(2.0, 3.0)}
    assert not any(found[name].like for name in NORMALISATIONS)
    assert (found["alike"].like, found["alike"].content_weight, found["alike"].style_weight) == (
        True,
        1.0,
        1.0,
    )


def test_the_balance_is_that_of_the_slopes() -> None:
    """Against autograd, one part at a time."""
    *_, end = side_by_side(PHOTO, STYLE, replace(BASE, steps=1))
    by_code = {column.code: column for column in end.columns}
    assert by_code["alike"].balance == pytest.approx(
        2, rel=1e-3
    )  # two style layers, each as strong as the content
    content = {pull.name: pull.length for pull in by_code["gatys"].pulls}["content relu2_2"]
    style = sum(pull.length for pull in by_code["gatys"].pulls if pull.name.startswith("style"))
    assert by_code["gatys"].balance == pytest.approx(style / content)
    lengths = {
        name: {pull.name: pull.length for pull in by_code[name].pulls}["style relu1_1"]
        for name in NORMALISATIONS
    }
    assert lengths["gatys"] / lengths["tutorial"] == pytest.approx(64**2 / 4, rel=1e-3)
    assert lengths["johnson"] / lengths["gatys"] == pytest.approx(4, rel=1e-3)


def test_when_stopped_each_keeps_its_best() -> None:
    work = side_by_side(PHOTO, STYLE, replace(BASE, steps=500))
    for _ in range(9):
        next(work)
    end = work.send(True)
    assert isinstance(end, Beside)
    assert all(column.frame is not None and column.frame.step < 30 for column in end.columns)
    assert list(work) == []


def test_stopped_at_once_it_shows_what_has_begun() -> None:
    work = side_by_side(PHOTO, STYLE, replace(BASE, steps=500))
    next(work)
    end = work.send(True)
    assert [column.frame is not None for column in end.columns] == [True, False, False, False]


@pytest.mark.parametrize("code", NORMALISATIONS)
@pytest.mark.parametrize("layer", ["relu1_1", "relu2_1", "relu3_1", "relu4_1"])
def test_the_factor_balances_a_layer_as_gatys_do(code: str, layer: str) -> None:
    """Ratios of the losses themselves, on random maps."""
    dice = torch.Generator().manual_seed(0)
    n, m = width_of(layer), 12
    found, wanted = (
        torch.rand(1, width_of("relu4_2"), 3, 4, generator=dice, dtype=torch.float64) for _ in range(2)
    )
    one, other = (torch.rand(n, n, generator=dice, dtype=torch.float64) for _ in range(2))
    factor = same_balance(code, layer, "relu4_2", m)
    balances = {
        name: float(style_loss(one, other, name) / content_loss(found, wanted, name))
        for name in ("gatys", code)
    }
    assert factor * balances[code] == pytest.approx(balances["gatys"], rel=1e-9)


def test_widths_and_positions_are_those_of_the_maps() -> None:
    for network in BLOCKS:
        features = networks.load(network, "untrained").features
        names = [name for name in layer_names(network) if name.startswith("conv")]
        widths = [each.out_channels for each in features if isinstance(each, torch.nn.Conv2d)]
        assert [width_of(name) for name in names] == widths
    trunk = Trunk("vgg16_hed", layer_names("vgg16_hed"), weights="untrained")
    for height, width in ((16, 16), (37, 51), (96, 65)):
        with torch.inference_mode():
            for name, maps in trunk(torch.zeros(1, 3, height, width)).items():
                assert positions(name, height, width) == maps.shape[2] * maps.shape[3], name


@pytest.mark.parametrize(
    "photo",
    [np.zeros((1, 1, 3), np.uint8), np.full((30, 30, 3), 128, np.uint8), np.zeros((200, 4000, 3), np.uint8)],
    ids=["one pixel", "grey", "strip"],
)
def test_odd_photos_work(photo: np.ndarray) -> None:
    *_, end = side_by_side(photo, STYLE, replace(BASE, steps=2))
    assert all(np.isfinite(column.frame.total) for column in end.columns)
