"""Photos that a network did not train on: what it says of them, and how much of each class it recognises."""

from collections.abc import Sequence
from operator import attrgetter

import numpy as np
import streamlit as st

from core.figures import transfer as figures
from core.figures.encoding import Encoded, encode
from core.figures.tiles import Line, Tile
from core.photo import Photo
from core.transfer.evaluation import by_class
from core.transfer.samples import PhotoSet
from core.transfer.significance import wilson
from core.transfer.split import Split
from core.transfer.squares import middle
from core.transfer.steps import Epoch
from pages.shared.tiles import tiles

_SHOWN, _SIDE = 8, 128


def sample_row(photos: PhotoSet, split: Split, epoch: Epoch) -> None:
    """Some photos from all classes in turn, with the probability of their class."""
    if not split.validation:
        return
    labels = [photos.samples[number].label for number in split.validation]
    rows = in_turn(labels)[:_SHOWN]
    st.markdown("**What it says of photos that it does not train on**")
    tiles(
        [_tile(photos, split.validation[row], epoch.probabilities[row]) for row in rows],
        key="tl_samples",
        alt=f"{len(rows)} validation photos and what the network says of them",
        columns=_SHOWN,
        least_px=110,
    )


def class_chart(classes: Sequence[str], table: np.ndarray, title: str, *, key: str) -> None:
    """How much of each class with photos was recognised, with Wilson's interval.

    Args:
        table: the confusion matrix, [true, said].
    """
    rows = [
        (name, score.recall, *wilson(score.right, score.of))
        for name, score in zip(classes, by_class(table), strict=True)
        if score.of
    ]
    st.plotly_chart(
        figures.whisker_figure(rows, title),
        key=key,
        alt=figures.whisker_alt(rows, title),
        config={"displayModeBar": False},
    )


def in_turn(labels: Sequence[int]) -> list[int]:
    """Places in the list, so that the classes come in turn."""
    seen: dict[int, int] = {}
    order = []
    for place, label in enumerate(labels):
        seen[label] = seen.get(label, 0) + 1
        order.append((seen[label], label, place))
    return [place for _, _, place in sorted(order)]


def _tile(photos: PhotoSet, number: int, shares: np.ndarray) -> Tile:
    sample = photos.samples[number]
    true, said = photos.classes[sample.label], photos.classes[int(shares.argmax())]
    right = true == said
    share = float(shares[sample.label])
    return Tile(
        small(sample.photo),
        f"{true}, taken for {said}",
        title=("✓ " if right else "✗ ") + said,
        lines=(
            Line(f"{float(shares.max()):.0%} sure"),
            *(() if right else (Line(f"is {true}: {share:.0%}"),)),
        ),
        shares=(share, 1 - share),
    )


@st.cache_data(scope="session", max_entries=400, show_spinner=False, hash_funcs={Photo: attrgetter("digest")})
def small(photo: Photo) -> Encoded:
    """The middle of a photo, small."""
    return encode(middle(photo.pixels, _SIDE), lossless=False)
