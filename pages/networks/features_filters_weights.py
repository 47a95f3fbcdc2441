"""The weights: all filters of a layer, and a card for the one that was clicked."""

import numpy as np
import streamlit as st

from core.convolution.grid import LARGEST_KERNEL, matrix_to_text
from core.convolution.operation import convolve
from core.convolution.photo_layer import MIXES
from core.features import filters
from core.features.filters import Bank, Card
from core.figures import features_filters as figures
from core.photo import Photo
from core.snippets import features_filters as snippets
from pages.networks import features_filters_source as source
from pages.networks.features_filters_source import Choice
from pages.shared import session
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.picture import Box, picture

_BOARD, _FILTER = "feat_filters_picture_board", "feat_filters_filter"


def weights_section(photo: Photo, chosen: Choice, veiled: frozenset[str]) -> None:
    """All filters on the left, the chosen one on the right."""
    bank = source.bank(chosen)
    card = filters.card(bank, chosen.index)
    left, right = st.columns([6, 5], gap="large")
    with left:
        _all_filters(chosen, bank)
    with right:
        _one_filter(chosen, bank, card, "edges" in veiled)
    if bank.colour:
        _on_the_photo(photo, chosen, bank, card)
    with st.container(horizontal=True):
        for formula in (filters.weights_formula(bank), filters.norm_formula(bank.weight[chosen.index])):
            with st.container(width=360):
                show_formula(formula, veiled="count" in veiled and formula.name.startswith("weights"))
        if card.likeness:
            with st.container(width=360):
                show_formula(filters.likeness_formula(card), veiled="edges" in veiled)
    code_panel(snippets.card(chosen.layer, chosen.index))


def _all_filters(chosen: Choice, bank: Bank) -> None:
    tiles = source.gallery(chosen.look, chosen.layer)
    count, channels, kh, kw = bank.weight.shape
    st.markdown(f"**{count} filters of {channels} × {kh} × {kw}**")
    picture(
        tiles.picture,
        key=_BOARD,
        alt=f"The {count} filters of {chosen.layer}; click one to take it apart",
        boxes=[Box(*tiles.box(chosen.index))] if tiles.columns > 1 else [_row(tiles, chosen.index)],
        marker=figures.NOWHERE,
        scale=tiles.scale,
        height=560,
        on_pick=_pick,
    )
    session.assign({"feat_filters_tiles": tiles})
    st.caption(_reading(bank))


def _row(tiles: figures.Tiles, index: int) -> Box:
    """A filter's row in the matrix."""
    return Box(
        0, index * tiles.pitch[0], tiles.tile[1], (index + 1) * tiles.pitch[0], label=f"filter {index}"
    )


def _reading(bank: Bank) -> str:
    if bank.colour:
        return "Grey is 0. Each filter in its own range, but faint ones stay grey: a dead filter shows as plain grey."
    if bank.weight.shape[1] == 1:
        return (
            "Each filter reads one channel, so it is one small kernel. Blue below 0, white 0, orange above."
        )
    what = "the weight" if bank.weight[0, 0].size == 1 else "the norm of the slice"
    return (
        f"One row per filter, one column per channel it reads; the colour is {what}. These channels are no colours, so "
        "the filters are no RGB pictures."
    )


def _pick() -> None:
    """A click on a filter."""
    tiles, (row, column) = session.held("feat_filters_tiles"), session.held(_BOARD)["pixel"]
    place = tiles.at((row, column)) if tiles.columns > 1 else min(row // tiles.pitch[0], tiles.count - 1)
    if place is not None:
        session.assign({_FILTER: place})


def _one_filter(chosen: Choice, bank: Bank, card: Card, veiled: bool) -> None:
    st.markdown(f"**Filter {chosen.index}**")
    own = bank.weight[chosen.index]
    if bank.colour:
        _pictures(own, card)
    else:
        shown = figures.slices(bank, chosen.index)
        reads = bank.reads(chosen.index)
        picture(
            shown.picture,
            key="feat_filters_slices",
            alt=f"The {len(own)} slices of filter {chosen.index}",
            scale=shown.scale,
            height=380 if len(own) > 1 else 200,
        )
        st.caption(
            f"Its {len(own)} slices, one per channel it reads: {reads[0]} to {reads[-1]}, left to right."
        )
    st.markdown(_words(card, veiled))
    st.plotly_chart(
        figures.norm_chart(bank, chosen.index),
        key="feat_filters_norms",
        alt=f"Norms of all filters; filter {chosen.index} has {card.norm:.3g}",
        config={"displayModeBar": False},
    )


def _pictures(own: np.ndarray, card: Card) -> None:
    kernel = card.plane.kernel
    largest = float(np.abs(kernel).max())
    shown = (
        ("As a picture", figures.large_filter(own), "0 is grey", "The filter in red, green and blue"),
        (
            "Its best kernel",
            figures.kernel_picture(kernel),
            f"blue −{largest:.2g}, orange +{largest:.2g}",
            "The kernel nearest to all three channels",
        ),
        (
            "Its waves",
            figures.spectrum_picture(kernel),
            "the mean is in the middle",
            "Amplitude of the Fourier transform",
        ),
    )
    with st.container(horizontal=True):
        for title, image, legend, alt in shown:
            with st.container(width=140, gap="small"):
                st.markdown(title)
                st.image(image.data, alt=alt, width="stretch")
                st.caption(legend)


def _words(card: Card, veiled: bool) -> str:
    """The card's facts, one to a line."""
    if card.dead:
        return f"- **Dead**: its norm is {card.norm:.2g}, next to nothing beside the others'."
    lines = []
    if card.likeness and veiled:
        lines.append("Direction and nearest kernel: hidden until you have made your prediction.")
    elif card.likeness and card.wave:
        like = card.likeness
        sign = "minus " if like.inverted else ""
        near = f"Nearest classic kernel: **{sign}{like.name}**, cosine {like.cosine:.2f}"
        far = f"Like **no classic kernel**; the nearest, {sign}{like.name}, has a cosine of {like.cosine:.2f}"
        lines.append(near if like.cosine >= filters.NEAR else far)
        lines.append(
            f"Strongest wave: **{card.wave.frequency:.2f} cycles per pixel**, crests at **{card.wave.edges:.0f}°**"
            if card.wave.edges is not None
            else "Strongest wave: the mean; **no direction**"
        )
        red = ", ".join(f"{each:+.2f}".replace("-", "−") for each in card.plane.mix[:3])
        if len(card.plane.mix) == 3:
            lines.append(
                f"One kernel times the colours ({red}) holds **{card.plane.share:.0%}** of the filter"
            )
    twins = ", ".join(f"{i} ({cosine:+.2f})".replace("-", "−") for i, cosine in card.twins)
    lines.append(f"Near-duplicates (cosine): **{twins}**" if twins else "Near-duplicates: none in this layer")
    return "\n".join(f"- {line}" for line in lines)


def _on_the_photo(photo: Photo, chosen: Choice, bank: Bank, card: Card) -> None:
    """The filter's answer to the photo, and the way to the convolution page with its kernel."""
    seen = source.prepared(photo, chosen.look.network)
    inputs = seen.tensor[0].numpy()
    if chosen.record.preprocessing.bgr:
        inputs = inputs[::-1]
    shown, scale = figures.response_picture(convolve(inputs, bank.weight[chosen.index : chosen.index + 1])[0])
    left, right = st.columns([6, 5], gap="large")
    with left:
        st.markdown(f"**What filter {chosen.index} makes of the photo**")
        picture(
            shown, key="feat_filters_answer", alt="The filter's answer to the photo", scale=scale, height=380
        )
    with right:
        st.markdown("**Take the kernel along**")
        if card.dead or max(card.plane.kernel.shape) > LARGEST_KERNEL:
            why = "is dead" if card.dead else f"is larger than {LARGEST_KERNEL} × {LARGEST_KERNEL}"
            st.caption(f"This filter {why}, so the convolution page has no use for it.")
            return
        kernel = np.round(card.plane.kernel, 3) + 0.0
        mix = nearest_mix(card.plane.mix)
        st.code("\n".join(" ".join(f"{value:7.3f}" for value in row) for row in kernel), language=None)
        st.page_link(
            "pages/foundations/convolution.py",
            label="Try it on the photo, step by step",
            icon=":material/grid_on:",
            query_params=link_parameters(kernel, mix, photo.name),
        )
        st.caption(
            f"One kernel for all channels, its colours weighed as “{mix}”, the nearest of that page's mixes. "
            f"The whole filter is not quite that: the product holds {card.plane.share:.0%} of it."
        )


def nearest_mix(mix: np.ndarray) -> str:
    """The convolution page's weights of red, green and blue with the smallest angle to these."""
    return max(MIXES, key=lambda name: abs(np.dot(MIXES[name], mix)) / np.linalg.norm(MIXES[name]))


def link_parameters(kernel: np.ndarray, mix: str, photo: str) -> dict[str, str]:
    """The convolution page with this kernel, this mix and, if it is a bundled one, this photo."""
    from core.bundled import NAMES

    parameters = {
        "conv_view": "Photo",
        "conv_photo_kernel": "Own kernel",
        "conv_photo_own": matrix_to_text(kernel),
        "conv_photo_mix": mix,
    }
    return {**parameters, "photo": photo} if photo in NAMES else parameters
