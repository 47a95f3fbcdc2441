"""Selective search as pictures: regions in their mean colour, the two that merge next, and how alike they are."""

import cv2
import numpy as np
import plotly.graph_objects as go
from jaxtyping import UInt8

from core.figures.palette import BLUE, GREY
from core.figures.transfer import laid
from core.two_stage.selective_search import Search
from core.two_stage.similarity import MEASURES

_EDGE, _ONE, _OTHER = (
    (255, 255, 255),
    (255, 214, 10),
    (255, 122, 26),
)  # borders, and the pair that merges next
_LONGEST = 768


def regions_picture(found: Search, merges: int, mixed: float = 0.55) -> UInt8[np.ndarray, "height width 3"]:
    """The regions after so many merges, each in its mean colour over the photo; the next pair is filled and framed.

    Args:
        mixed: how much of the mean colour, 0 to 1.
    """
    labels = found.labels_after(merges)
    numbers, place = np.unique(labels, return_inverse=True)
    place = place.reshape(labels.shape)
    sizes = np.bincount(place.ravel())
    sums = [np.bincount(place.ravel(), weights=found.pixels[..., c].ravel()) for c in range(3)]
    means = np.stack(sums, axis=1) / sizes[:, None]  # [regions, 3]
    shown = (1 - mixed) * found.pixels + mixed * means[place]
    if merges < len(found.merges):
        pair = found.merges[merges]
        for number, colour in ((pair.first, _ONE), (pair.second, _OTHER)):
            inside = place == np.searchsorted(numbers, number)
            shown[inside] = 0.45 * shown[inside] + 0.55 * np.array(colour)
    times = max(1, _LONGEST // max(labels.shape))
    large = cv2.resize(
        shown.clip(0, 255).astype(np.uint8), None, fx=times, fy=times, interpolation=cv2.INTER_LINEAR
    )
    large[_borders(place.repeat(times, 0).repeat(times, 1))] = _EDGE
    return large


def _borders(labels: np.ndarray) -> np.ndarray:
    """Pixels whose right or lower neighbour belongs to another region."""
    edge = np.zeros(labels.shape, bool)
    edge[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    edge[:-1] |= labels[:-1] != labels[1:]
    return edge


def similarity_chart(found: Search, number: int) -> go.Figure:
    """The four similarities of a merge; those that are not used are grey."""
    merge = found.merges[number]
    values = [getattr(merge.alike, name) for name in MEASURES]
    figure = go.Figure(
        go.Bar(
            x=values,
            y=list(MEASURES),
            orientation="h",
            marker={"color": [BLUE if name in found.use else GREY for name in MEASURES]},
            text=[f"{value:.3f}" for value in values],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.4f}<extra></extra>",
        )
    )
    laid(figure, 160)
    figure.update_xaxes(range=[0, 1.15], visible=False)
    figure.update_yaxes(autorange="reversed", automargin=True)
    figure.update_layout(margin={"t": 4, "b": 4})
    return figure


def similarity_alt(found: Search, number: int) -> str:
    """The same in words."""
    merge = found.merges[number]
    return "Similarities: " + ", ".join(f"{name} {getattr(merge.alike, name):.3f}" for name in MEASURES) + "."
