"""Photos of the validation part and what the network says of them."""

from collections.abc import Sequence
from operator import attrgetter

import numpy as np
import streamlit as st

from core.figures.encoding import Encoded, encode
from core.figures.tiles import Line, Tile
from core.photo import Photo
from core.transfer.samples import PhotoSet
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
