"""The section Distance: styles ranked by how far their Gram matrices are from the photo's, trained and untrained."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core import networks
from core.figures import style as tile_figures
from core.figures import style_why as figures
from core.photo import Photo
from core.snippets import style_why as snippets
from core.style import xray
from core.style.pictures import STYLES
from pages.applications.style_source import photo_named
from pages.applications.style_xray import LAYERS, matrices
from pages.shared import controls
from pages.shared.code_panel import code_panel
from pages.shared.tiles import tiles

MEAN = "mean of all"


def distance_section(photo: Photo, styles: Sequence[Photo], network: str) -> None:
    """The ranked styles as tiles, and two heat maps in one order: the trained network's beside the untrained one's.

    Args:
        styles: those that are chosen; own ones among them are ranked, too.
    """
    by = controls.choice("Rank by", "style_rank_by", MEAN, (MEAN, *LAYERS), wrap=True)
    pictures = {style.title: photo_named(name) for name, style in STYLES.items()}
    digests = {each.digest for each in pictures.values()}
    pictures |= {
        each.name or f"style {i + 1}": each for i, each in enumerate(styles) if each.digest not in digests
    }
    ways = [way for way in ("trained", "untrained") if way == "untrained" or networks.is_here(network)]
    names = list(pictures)
    found = {way: _found(photo, tuple(pictures.values()), network, way) for way in ways}
    score = {
        way: each.mean(axis=1) if by == MEAN else each[:, LAYERS.index(by)] for way, each in found.items()
    }
    order = np.argsort(score[ways[0]], kind="stable")
    st.markdown(f"**Nearest first**, by the {ways[0]} network")
    tiles(
        tile_figures.ranked_tiles([(names[i], pictures[names[i]].pixels, score[ways[0]][i]) for i in order]),
        key="style_ranked",
        alt="Styles, the nearest to the photo first",
        columns=len(names),
        least_px=72,
        scrolls=True,
    )
    for column, way in zip(st.columns(len(ways), gap="medium"), ways, strict=True):
        with column:
            st.markdown(f"**{way.capitalize()}**")
            st.plotly_chart(
                figures.ranking_chart(names, LAYERS, found[way], order),
                key=f"style_distance_{way}",
                alt=f"{way.capitalize()}: distance of the styles to the photo, "
                + ", ".join(f"{names[i]} {score[way][i]:.2f}" for i in order),
                config={"displayModeBar": False},
            )
    if len(ways) == 2:
        alike = xray.rank_correlation(list(score["trained"]), list(score["untrained"]))
        st.markdown(f"Rank correlation (Spearman) of the two, by {by}: **{alike:.2f}**")
    st.caption(
        "|S − P| / |P| of the mean Gram matrices of style and photo, layer by layer, in the order of the "
        f"{ways[0]} network. The deeper the layer, the larger the patterns that are compared. A network of random "
        "numbers sees colours and contrasts, too: near 1 the ranking owes little to training, near 0 much."
    )
    code_panel(snippets.distance())


def _found(photo: Photo, pictures: tuple[Photo, ...], network: str, weights: str) -> np.ndarray:
    """[pictures, layers]; the matrices of a picture are computed once for each network."""
    own = matrices(photo, network, weights)
    return xray.distances(own, [matrices(each, network, weights) for each in pictures])
