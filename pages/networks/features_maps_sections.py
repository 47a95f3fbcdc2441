"""The closer looks of the maps view: one unit as a sum, the cut wire, the layer in numbers, comparisons."""

from typing import TYPE_CHECKING

import streamlit as st

from core import bundled
from core.features import wire
from core.features.contributions import UnitSum, sum_formula
from core.features.maps import Layer
from core.features.scene import Look
from core.features.similarity import likeness_formulas
from core.features.statistics import statistics_formulas
from core.figures import features as figures
from core.photo import Photo
from core.snippets import features as snippets
from pages.networks import features_maps_source as source
from pages.networks import features_own
from pages.networks.features_maps_source import Wish
from pages.shared import controls, session
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.picture import picture
from pages.shared.plain_text import plain

if TYPE_CHECKING:
    from pages.networks.features_maps import Seen

_SHOWN = 8  # input channels in the list
_FACTORS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0)


def one_unit(seen: "Seen") -> None:
    """The value of the unit and the terms that add up to it."""
    channel, y, x = seen.unit
    found = source.unit_sum(seen.photo, seen.look, seen.layer.name, seen.unit)
    left, right = st.columns([3, 4], gap="large")
    with left:
        st.metric(f"Channel {channel}, row {y}, column {x}", f"{found.value:.4f}", border=True)
        if found.source:
            st.caption(f"Input channels are those of {found.source}; batch norm is folded into the weights.")
        show_formula(sum_formula(found, 3))
        gap = found.total - found.value
        st.caption(
            f"All terms add up to {found.total:.6f}; the network's own float32 sum differs by {gap:.1e}."
        )
    with right:
        _terms(found)
    code_panel(snippets.shown_maps(seen.layer.name), "Show the code: the maps of a layer")


def _terms(found: UnitSum) -> None:
    strongest = found.strongest(_SHOWN)
    inputs = [term for term in found.terms if term.kind == "input"]
    rest = sum(term.value for term in inputs) - sum(term.value for term in strongest)
    rows = [(term.label, term.value, _numbers(term.weights), _numbers(term.inputs)) for term in strongest]
    if len(inputs) > len(strongest):
        rows.append((f"{len(inputs) - len(strongest)} other channels", rest, "", ""))
    rows += [(term.label, term.value, "", "") for term in found.others()]
    rows.append(("value of the unit", found.value, "", ""))
    columns = {
        "term": [row[0] for row in rows],
        "contributes": [round(row[1], 4) for row in rows],
        "weights": [row[2] for row in rows],
        "values they meet": [row[3] for row in rows],
    }
    st.dataframe(columns, hide_index=True, width="stretch", height="content")


def _numbers(values: object) -> str:
    """The middle of a kernel would say little: all of it up to 3 x 3, else its size."""
    if values is None:
        return ""
    flat = values.ravel()  # type: ignore[attr-defined]
    if len(flat) > 9:
        return f"{len(flat)} numbers, {flat.min():.2f} to {flat.max():.2f}"
    return "  ".join(f"{value:.2f}" for value in flat).replace("-", "−")


def cut_section(seen: "Seen", veiled: bool) -> None:
    """One channel scaled, and the new answer beside the one that was foretold."""
    channel = seen.unit[0]
    factor = controls.choices_slider(
        f"Channel {channel} times", "feat_factor", 0.0, _FACTORS, help="0 switches it off, 1 leaves it"
    )
    if veiled:
        st.info("Hidden until you have made your prediction.", icon=":material/visibility_off:")
        return
    before = source.cut_outputs(seen.photo, seen.look, seen.layer.name, 0, 1.0)
    after = source.cut_outputs(seen.photo, seen.look, seen.layer.name, channel, factor)
    categories = wire.leaders(before, after)
    effects = source.cut_effects(seen.photo, seen.look, seen.layer.name, categories)
    cut = wire.compare(before, after, categories, effects[:, channel], factor)
    names = [seen.scene.categories[category] for category in categories]
    _cut_table(cut, names)
    left, right = st.columns(2, gap="large")
    with left:
        show_formula(wire.foretold_formula(cut, 0))
    with right:
        _best_channels(effects[0], names[0])
    code_panel(
        snippets.cut_wire(seen.layer.name, channel, factor, categories[0]),
        "Show the code: cut the wire",
    )


def _cut_table(cut: wire.Cut, names: list[str]) -> None:
    percent = st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)
    st.dataframe(
        {
            "category": names,
            "before": cut.share_before.tolist(),
            "after": cut.share_after.tolist(),
            "output before": cut.before.round(3).tolist(),
            "output after": cut.after.round(3).tolist(),
            "foretold": cut.foretold.round(3).tolist(),
            "error": cut.error.round(3).tolist(),
        },
        column_config={"before": percent, "after": percent},
        hide_index=True,
        width="stretch",
        height="content",
    )
    st.caption(
        "The linear prediction is about the outputs before the softmax; it errs where the rest"
        " of the network bends between here and there."
    )


def _best_channels(effects: object, name: str) -> None:
    """The channels that matter most to a category, by activation x gradient; a click goes to one."""
    order = effects.argsort()[::-1][:4].tolist()  # type: ignore[attr-defined]
    st.caption(f"Channels that speak most for {plain(name)}, by activation × gradient:")
    with st.container(horizontal=True):
        for channel in order:
            st.button(
                f"{channel}",
                key=f"feat_best_{channel}",
                on_click=session.assign,
                args=({"feat_channel": channel},),
            )


def statistics_section(seen: "Seen", veiled: bool) -> None:
    """Sparsity, silent channels, histogram and energy."""
    found = source.statistics(seen.photo, seen.look, seen.layer.name)
    with st.container(horizontal=True):
        st.metric("Zeros", "?" if veiled else f"{found.sparsity:.1%}", border=True)
        st.metric("Silent channels", f"{found.silent} of {found.channels}", border=True)
        st.metric("Half of the energy in", f"{found.half} channels", border=True)
    left, right = st.columns(2, gap="large")
    with left:
        if veiled:
            st.info("Hidden until you have made your prediction.", icon=":material/visibility_off:")
        else:
            st.plotly_chart(figures.histogram(found), key="feat_histogram")
    with right:
        st.plotly_chart(figures.energy_chart(found, seen.unit[0]), key="feat_energy")
    for column, formula in zip(st.columns(2, gap="large"), statistics_formulas(found), strict=True):
        with column:
            show_formula(formula, veiled=veiled)
    st.caption("Silent on one photo is not dead: another photo may wake the channel.")


def side_by_side(seen: "Seen", wish: Wish) -> None:
    """The layer in sight, and another layer or network beside it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = _second_network(seen)
        weights = controls.choice(
            "Its weights", "feat_weights2", seen.look.weights, (source.TRAINED, source.UNTRAINED)
        )
        place = st.container(width=420)
    look = source.usable(
        Look(name, weights, seen.look.seed if weights != source.TRAINED else 0), "feat_fetch2"
    )
    stages = source.scene(seen.photo, look).stages
    layers = {layer.name: layer for stage in stages for layer in stage.layers}
    with place:
        second = controls.select("Second layer", "feat_layer2", stages[-1].face.name, tuple(layers))
    few = Wish(wish.order, wish.shared, 24)
    sides = ((seen.look, seen.layer), (look, layers[second]))
    for number, (column, (each, layer)) in enumerate(zip(st.columns(2, gap="large"), sides, strict=True)):
        with column:
            _small_board(seen.photo, each, layer, few, number)


def _second_network(seen: "Seen") -> str:
    """Beside a visitor's own network stands at first a published one of its architecture, if it is in the list."""
    own = features_own.brought()
    shown = source.record(seen.look.network).architecture if seen.look.network == own else seen.look.network
    start = shown if shown in source.NETWORKS else source.NETWORKS[0]
    names = (*source.NETWORKS, features_own.OWN) if own else source.NETWORKS
    name = controls.select("Second network", "feat_network2", start, names, width=210)
    return own if name == features_own.OWN else name


def _small_board(photo: Photo, look: Look, layer: Layer, wish: Wish, number: int) -> None:
    shown = source.page_board(photo, look, layer, wish, 0)
    st.markdown(f"**{plain(source.title(look))}** · {layer.name}")
    picture(
        shown.picture,
        key=f"feat_picture_side{number}",
        alt=f"The strongest maps of {layer.name} of {source.title(look)}",
        marker=figures.NOWHERE,
        scale=shown.scale,
        height=420,
    )
    found = source.statistics(photo, look, layer.name)
    st.caption(
        f"{layer.tensor} · the first {len(shown.channels)} of {layer.channels} maps, {layer.hw[0]} × {layer.hw[1]} ·"
        f" {shown.smallest:.3g} to {shown.largest:.3g} · {found.sparsity:.0%} zeros"
    )


def two_photos(seen: "Seen") -> None:
    """How alike the network finds this photo and another one, layer by layer."""
    names = (*bundled.NAMES, *session.album().photos)
    default = next(name for name in names if name != seen.photo.name)
    name = controls.select("Second photo", "feat_photo2", default, names, width=240)
    other = session.album().photos.get(name) or bundled.bundled(name)
    rows = source.likenesses(seen.photo, other, seen.look)
    left, right = st.columns([5, 2], gap="large")
    with left:
        st.plotly_chart(figures.likeness_chart(rows, seen.layer.name), key="feat_likeness")
        st.caption(figures.likeness_alt(rows))
    with right:
        picture(
            source.crop(other, seen.look),
            key="feat_picture_other",
            alt=f"The second photo, {name}",
            height=260,
        )
    maps = [source.maps(photo, seen.look, seen.layer.name) for photo in (seen.photo, other)]
    for column, formula in zip(st.columns(2, gap="large"), likeness_formulas(*maps), strict=True):
        with column:
            show_formula(formula)
    code_panel(snippets.linear_cka(), "Show the code: linear CKA")
