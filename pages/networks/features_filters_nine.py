"""Your own top nine: the strongest patches of a channel, and what in them the gradient points at."""

import numpy as np
import streamlit as st

from core.features import top_nine
from core.features.deconvnet import RULES
from core.features.scene import Look
from core.features.top_nine import Hit, Patch, patch, strongest
from core.figures import features_filters as figures
from core.photo import Photo
from core.receptive_field import unit_box
from core.receptive_field.placement import box_formulas
from core.snippets import features_filters as snippets
from pages.networks import features_filters_source as source
from pages.networks.features_filters_source import Choice
from pages.shared import controls, session
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.picture import Box, picture
from pages.shared.plain_text import plain

_BOARD, _RANK = "feat_filters_picture_nine", "feat_filters_rank"


def nine_section(chosen: Choice, veiled: frozenset[str]) -> None:
    """The nine pairs on the left, the chosen one in its photo on the right, and a test of the reconstruction."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sign = controls.choice("Direction", "feat_filters_end", "most", ("most", "least"))
        rule = controls.choice("Reconstruction", "feat_filters_rule", "guided", RULES)
        rank = controls.number("Patch", _RANK, 1, 1, top_nine.MOST, width=110)
    if "best" in veiled:
        st.info("Hidden until you have made your prediction.", icon=":material/visibility_off:")
        return
    photos = source.photos()
    with st.spinner("Asking the network about every photo …", show_time=True):
        found = source.all_peaks(photos, chosen)
        hits = strongest(found, chosen.index, negative=sign == "least")
        field = chosen.field
        patches = [patch(_seen(photos[hit.photo], chosen), field, hit.unit[1:]) for hit in hits]
        step = -1 if sign == "least" else 1
        slopes = [
            _slope(photos, chosen.look, field.name, hit, each, rule, step)
            for hit, each in zip(hits, patches, strict=True)
        ]
    left, right = st.columns([7, 5], gap="large")
    with left:
        labels = [f"{i}  {photos[hit.photo].name[:18]}  {hit.value:.3g}" for i, hit in enumerate(hits, 1)]
        tiles = figures.nine(patches, slopes, labels)
        at = min(rank, len(hits)) - 1
        picture(
            tiles.picture,
            key=_BOARD,
            alt=f"Nine patches for channel {chosen.index} with their reconstructions: {', '.join(labels)}",
            boxes=[Box(*tiles.box(at))],
            marker=figures.NOWHERE,
            height=620,
            on_pick=_pick,
        )
        session.assign({"feat_filters_nine": tiles})
        st.caption(_about(field.size, len(photos)))
    with right:
        _one(photos, chosen, hits[at], patches[at])
    _test(photos, chosen, hits[at], patches[at], step)
    code_panel(snippets.top(field.name, chosen.index), "Show the code: the nine photos")
    code_panel(
        snippets.reconstruction(field.name, hits[at].unit, rule, step), "Show the code: the reconstruction"
    )


def _seen(photo: Photo, chosen: Choice) -> np.ndarray:
    return source.prepared(photo, chosen.look.network).pixels


def _slope(
    photos: tuple[Photo, ...], look: Look, layer: str, hit: Hit, cut: Patch, rule: str, sign: int
) -> np.ndarray:
    """A reconstruction as a picture, cut like its patch."""
    whole = source.slope(photos[hit.photo], look, layer, hit, rule, sign)
    left, top, right, bottom = cut.box
    return figures.slope_rgb(whole[:, top:bottom, left:right])


def _pick() -> None:
    """A click on a pair."""
    place = session.held("feat_filters_nine").at(tuple(session.held(_BOARD)["pixel"]))
    if place is not None:
        session.assign({_RANK: place + 1})


def _about(size: int, count: int) -> str:
    return (
        f"The strongest place in each of {count} photos, at most one per photo, sorted: exactly the {size} px that the "
        "unit sees, as far as they lie in the picture, and beside it what the gradient points at. Nine patches of "
        f"{count} photos suggest, they do not prove: look at “least” too."
    )


def _one(photos: tuple[Photo, ...], chosen: Choice, hit: Hit, cut: Patch) -> None:
    photo, field = photos[hit.photo], chosen.field
    seen = _seen(photo, chosen)
    st.markdown(
        f"**{plain(photo.name)}**: channel {hit.unit[0]} at row {hit.unit[1]}, column {hit.unit[2]} is {hit.value:.4g}"
    )
    picture(
        seen,
        key=f"feat_filters_where_{photo.digest}",
        alt=f"The photo {plain(photo.name)} with the field of the unit",
        boxes=[Box(*unit_box(field, hit.unit[1:]), label=f"sees {field.size} px")],
        marker=figures.NOWHERE,
        height=330,
    )
    show_formula(box_formulas(field, hit.unit[1:], seen.shape[:2])[1])
    if cut.padding:
        st.caption("Where the frame leaves the picture the unit sees only padding.")


def _test(photos: tuple[Photo, ...], chosen: Choice, hit: Hit, cut: Patch, step: int) -> None:
    """The same patch by each rule, with the trained and with random weights."""
    st.markdown(
        "**May you trust the reconstruction?** The same patch, by each rule, with trained and with random weights"
    )
    looks = (("trained", chosen.look), ("random", Look(chosen.look.network, source.UNTRAINED)))
    pictures = [("patch", figures.fitted(cut.pixels))]
    for rule in RULES:
        for words, look in looks:
            rgb = _slope(photos, look, chosen.field.name, hit, cut, rule, step)
            pictures.append((f"{rule}, {words}", figures.fitted(rgb)))
    with st.container(horizontal=True):
        for title, image in pictures:
            with st.container(width=148, gap="small"):
                st.caption(title)
                st.image(image.data, alt=title, width="stretch")
    st.caption(
        "Guided backpropagation and the deconvnet look like something with random weights, too: they fail this test "
        "(Adebayo et al. 2018, “Sanity Checks for Saliency Maps”). They redraw edges of the photo; "
        "take them as a hint, not as proof."
    )
