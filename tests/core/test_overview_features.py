"""The features room's pictures on the first page show what core computes of the photo at hand."""

import numpy as np

from core.bundled import bundled
from core.features import scene as scenes
from core.features.filters import bank
from core.figures import overview_features as figures
from core.figures.features_filters import filter_rgb
from core.figures.overview import HEIGHT, WIDTH
from core.networks import DEFAULT, load


def test_the_answer_is_the_networks_and_the_pictures_follow_the_photo() -> None:
    pictures = []
    for name in ("Cat", "Coffee"):
        photo = bundled(name)
        seen = figures.seen_by_default(photo)
        why, answer = figures.why_picture(seen)
        assert answer == scenes.predictions(seen, 1)[0][0]
        maps = figures.maps_picture(seen)
        assert why.shape == maps.shape == (HEIGHT, WIDTH, 3)
        pictures.append((why, maps))
    assert all((one != other).any() for one, other in zip(*pictures, strict=True))


def test_every_filter_of_the_first_layer_is_there() -> None:
    shown = figures.filters_picture()
    weights = bank(load(DEFAULT), figures.FIRST).weight
    high, across = HEIGHT // figures.ROWS, WIDTH // figures.COLUMNS
    assert len(weights) == figures.ROWS * figures.COLUMNS
    for place, each in enumerate(weights):
        y, x = place // figures.COLUMNS * high, place % figures.COLUMNS * across
        centre = shown[y + high // 2 - 1, x + across // 2 - 1]
        assert np.abs(centre.astype(int) - filter_rgb(each)[1, 1]).max() <= 1
