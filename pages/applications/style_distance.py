"""The section Distance: styles ranked by how far their Gram matrices are from the photo's, trained and untrained."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from core import networks
from core.figures import style as tile_figures
from core.figures import style_why as figures
from core.photo import Photo
from core.snippets import style_why as snippets
from core.style import xray
from core.style.pictures import STYLES
from core.style.xray import Look
from pages.applications.style_source import photo_named
from pages.applications.style_xray import LAYERS, matrices
from pages.shared import controls
from pages.shared.code_panel import code_panel
from pages.shared.fetch_weights import offer
from pages.shared.tiles import tiles

MEAN = "mean of all"


def distance_section(photo: Photo, styles: Sequence[Photo], network: str) -> None:
    """Two rows of tiles, the trained network's ranking and the untrained one's, and their numbers in one order.

    Args:
        styles: those that are chosen; own ones among them are ranked, too.
    """
    by = controls.choice("Rank by", "style_rank_by", MEAN, (MEAN, *LAYERS), wrap=True)
    pictures = _pictures(styles)
    ways = [way for way in ("trained", "untrained") if way == "untrained" or networks.is_here(network)]
    if len(ways) < 2:
        offer(networks.record(network), "style_why_fetch", "Ranked here by the untrained network alone.")
    found, order = {}, {}
    for way in ways:
        found[way] = _found(photo, pictures, network, way)
        score = _score(found[way], by)
        order[way] = np.argsort(score, kind="stable")
        st.markdown(f"**{way.capitalize()} network**: the style nearest to the photo first")
        ranked = [(name, of.pixels, score[i]) for i, (name, of) in enumerate(pictures.items())]
        tiles(
            tile_figures.ranked_tiles([ranked[i] for i in order[way]]),
            key=f"style_ranked_{way}",
            alt=f"Styles, by the {way} network the nearest to the photo first",
            columns=len(ranked),
            least_px=76,
            scrolls=True,
        )
    if len(ways) == 2:
        _correlations(found, by)
    _tables(list(pictures), found, order[ways[0]], by)
    code_panel(snippets.distance())


def _pictures(styles: Sequence[Photo]) -> dict[str, Photo]:
    """The made styles, and what else is chosen, by name."""
    pictures = {style.title: photo_named(name) for name, style in STYLES.items()}
    made = {each.digest for each in pictures.values()}
    own = [each for each in styles if each.digest not in made]
    for number, each in enumerate(own, start=1):
        name = each.name or f"Own style {number}"
        pictures[name if name not in pictures else f"{name} ({number})"] = each
    return pictures


def _found(photo: Photo, pictures: Mapping[str, Photo], network: str, weights: str) -> np.ndarray:
    """[pictures, layers]; the matrices of a picture are computed once for each network, which takes a while."""
    standing = st.empty()
    look = Look(network, weights)
    own, others = matrices(photo, look), []
    for number, each in enumerate(pictures.values(), start=1):
        standing.progress(
            number / len(pictures),
            f"The {weights} network looks at each style once: {number} of {len(pictures)}",
        )
        others.append(matrices(each, look))
    standing.empty()
    return xray.distances(own, others)


def _score(distances: np.ndarray, by: str) -> np.ndarray:
    return distances.mean(axis=1) if by == MEAN else distances[:, LAYERS.index(by)]


def _correlations(found: Mapping[str, np.ndarray], by: str) -> None:
    """How alike the two rankings are, by the mean and by each layer."""
    alike = {
        each: xray.rank_correlation(
            list(_score(found["trained"], each)), list(_score(found["untrained"], each))
        )
        for each in (MEAN, *LAYERS)
    }
    others = " · ".join(f"{each} {value:.2f}" for each, value in alike.items() if each != by)
    st.markdown(f"Rank correlation (Spearman) of the two rankings by {by}: **{alike[by]:.2f}**")
    st.caption(
        f"By the others: {others}. 1 is the same order, 0 no relation, −1 the reverse. Near 1 the ranking owes little "
        "to training: random filters see colours and contrasts, too."
    )


def _tables(names: Sequence[str], found: Mapping[str, np.ndarray], order: np.ndarray, by: str) -> None:
    """The distances in each layer, all under one scale and in one order."""
    span = figures.span_of(list(found.values()))
    for column, (way, each) in zip(st.columns(len(found), gap="medium"), found.items(), strict=True):
        score = _score(each, by)
        with column:
            st.markdown(f"**{way.capitalize()}**, layer by layer")
            st.plotly_chart(
                figures.ranking_chart(names, LAYERS, each, order, span),
                key=f"style_distance_{way}",
                alt=f"{way.capitalize()}: distance of the styles to the photo, "
                + ", ".join(f"{names[i]} {score[i]:.2f}" for i in order),
                config={"displayModeBar": False},
            )
    st.caption(
        "|S − P| / |P| of the mean Gram matrices S of the style and P of the photo; pale is near, from "
        f"{span[0]:.2f} to {span[1]:.2f}, rows in the order of the {next(iter(found))} network. The deeper the layer, "
        "the larger the patterns that are compared."
    )
