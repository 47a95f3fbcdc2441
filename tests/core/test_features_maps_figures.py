"""Boards of maps: every channel where the board says it lies, silent ones striped, colours in the printed range."""

import io

import numpy as np
import pytest
from PIL import Image

from core.bundled import bundled
from core.features import scene as scenes
from core.features.maps import Layer
from core.features.scene import Look
from core.features.similarity import Likeness
from core.features.statistics import layer_statistics
from core.figures import features as figures
from core.figures.features_stages import stage_tiles
from core.figures.palette import MAGNITUDE_LUT


def maps_of(count, side, seed=0, rectified=True):
    planes = np.random.default_rng(seed).normal(size=(count, side, side)).astype(np.float32)
    return np.maximum(planes, 0) if rectified else planes


def rgb(board):
    return np.asarray(Image.open(io.BytesIO(board.picture.data)))


@pytest.mark.parametrize(("count", "side"), [(1, 7), (3, 112), (24, 56), (256, 14), (96, 300)])
def test_every_channel_lies_where_the_board_says(count, side):
    planes = maps_of(count, side)
    order = np.random.default_rng(1).permutation(count)
    board = figures.board(planes, order, shared=False, rectified=True)
    assert board.channels == tuple(order)
    for channel in order:
        left, top, right, bottom = board.box(channel)
        assert board.channel_at((int(top + bottom) // 2, int(left + right) // 2)) == channel
        assert 0 <= left < right <= board.picture.width and 0 <= top < bottom <= board.picture.height
    assert board.box(count) is None
    assert board.channel_at((board.picture.height * 2, 0)) is None
    assert rgb(board).shape == (board.picture.height, board.picture.width, 3)


def test_colours_follow_the_values_and_silent_maps_are_striped():
    planes = np.zeros((3, 2, 2), np.float32)
    planes[0] = [[0, 1], [2, 4]]
    planes[2] = [[0, 0], [0, 8]]
    own = figures.board(planes, range(3), shared=False, rectified=True)
    shared = figures.board(planes, range(3), shared=True, rectified=True)
    assert (own.smallest, own.largest) == (0, 8)
    assert own.scale is None and shared.scale is not None and shared.scale.largest == 8

    def light(board, channel, quarter):
        left, top, _, _ = board.box(channel)
        row, column = (
            int(edge + 2 + board.tile * (0.25 + 0.5 * i))
            for edge, i in zip((top, left), quarter, strict=True)
        )
        return rgb(board)[row, column].astype(int).sum()

    assert light(own, 0, (0, 0)) < light(own, 0, (0, 1)) < light(own, 0, (1, 0)) < light(own, 0, (1, 1))
    assert light(own, 0, (1, 1)) == pytest.approx(light(own, 2, (1, 1)), abs=12)
    assert light(shared, 0, (1, 1)) < light(shared, 2, (1, 1)) - 60
    left, top, right, bottom = (int(edge) for edge in own.box(1))
    assert np.ptp(rgb(own)[top + 4 : bottom - 24, left + 4 : right - 4].astype(int)) > 30


def test_signed_maps_are_light_at_zero():
    planes = np.zeros((1, 4, 4), np.float32)
    planes[0, 0, 0], planes[0, 3, 3] = -1, 0.5
    picture = rgb(figures.board(planes, (0,), shared=False, rectified=False))
    tile = picture[10:290, 10:290].astype(int)
    assert tile[140, 140].min() > 230 and tile[20, 20].argmax() == 2


def test_a_map_over_the_photo_is_clear_where_it_is_zero():
    plane = np.array([[0, 3], [1, 6]], np.float32)
    rgba = figures.map_rgba(plane, rectified=True)
    assert rgba[0, 0, 3] == 0 and rgba[1, 1, 3] == 255
    assert figures.map_scale(plane, rectified=True).high == 6
    assert figures.map_rgba(np.zeros((2, 2), np.float32), rectified=False)[:, :, 3].max() == 0


def test_charts_carry_every_number():
    planes = maps_of(5, 6)
    found = layer_statistics(planes)
    assert sum(figures.histogram(found).data[0].y) == planes.size
    energy = figures.energy_chart(found, 3).data[0]
    assert sum(energy.y) == pytest.approx(1) and list(energy.y) == sorted(energy.y, reverse=True)
    layer = Layer(1, "act", "activation", 5, (6, 6), "after ReLU", True, 0)
    rows = [(layer, Likeness(0.9, 0.8, 0.7)), (layer, Likeness(0.2, 0.3, 0.4))]
    chart = figures.likeness_chart(rows, "act")
    assert [list(trace.y) for trace in chart.data] == [[0.9, 0.2], [0.8, 0.3], [0.7, 0.4]]
    assert "0.80 to 0.30" in figures.likeness_alt(rows)


def test_the_strip_shows_what_goes_on_where_in_every_stage():
    seen = scenes.scene(Look("squeezenet1_1", "untrained", 3), bundled("Cat"))
    faces = scenes.stage_faces(seen)
    tiles = stage_tiles(seen.stages, faces, 2)
    assert [tile.state for tile in tiles] == ["picked" if n == 2 else "" for n in range(len(seen.stages))]
    for stage, face, tile in zip(seen.stages, faces, tiles, strict=True):
        maps = scenes.layer_maps(seen, stage.face.name)
        assert face == pytest.approx(np.abs(maps).sum(axis=0) / len(maps), rel=1e-5)
        assert tile.title == f"{stage.hw[0]}×{stage.hw[1]}"
        picture = np.asarray(Image.open(io.BytesIO(tile.picture.data)).convert("RGB"))
        assert picture.shape == (*stage.hw, 3)
        for place, colour in ((face.argmin(), 0), (face.argmax(), 255)):
            assert picture[np.unravel_index(place, face.shape)].tolist() == MAGNITUDE_LUT[colour].tolist()


def test_a_silent_stage_is_drawn_too():
    stage = scenes.scene(Look("squeezenet1_1", "untrained"), bundled("Cat")).stages[0]
    (tile,) = stage_tiles([stage], [np.zeros((2, 2), np.float32)], 0)
    assert (
        np.ptp(np.asarray(Image.open(io.BytesIO(tile.picture.data)).convert("RGB")), axis=(0, 1)).max() == 0
    )
