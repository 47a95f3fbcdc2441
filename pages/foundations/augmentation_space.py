"""The Feature space view: how far each transform moves the photo in a network, and where the chain's variants lie."""

from collections.abc import Callable
from operator import attrgetter

import streamlit as st

from core import networks
from core.augmentation import CATALOGUE, Chain
from core.augmentation.embedding import EmbeddingMap, embedding_map, embedding_shift, stage_layers
from core.augmentation.formulas import mean_distance, plane_share
from core.augmentation.text import chain_to_text
from core.figures import augmentation_space as figures
from core.photo import Photo
from core.receptive_field import network_fields
from core.snippets import augmentation_space as snippets
from pages.foundations.augmentation_chain import second_photo
from pages.shared import controls, session
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.lesson import Question, ask
from pages.shared.turns import fragment

_KEYS: dict[str | type, Callable] = {Photo: attrgetter("digest"), Chain: chain_to_text}
_BAR = {"displayModeBar": False}
_EVERY_S = 0.3
_STOPPED = "aug_space_stopped"
NAMES = tuple(name for name, kind in CATALOGUE.items() if kind.kind != "mix")
FIRST = ("zoom", "rotate", "crop", "contrast", "flip", "hue", "greyscale", "blur", "noise", "erasing")
PLACES = ("in the first layers", "in the last layers")
Row = tuple[float, ...]


def space_view(photo: Photo, chain: Chain, seed: int) -> None:
    """The map of the chain's variants, then the table of single transforms."""
    _map_section(photo, chain, seed)
    st.subheader("How far does each transform move the photo?", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = controls.several("Transforms", "aug_space_names", FIRST, NAMES, len(NAMES))
        count = controls.choice("Variants of each", "aug_space_count", 4, (2, 4, 8))
    rows = _measured(photo.digest, count, seed)
    done = all(name in rows for name in names)
    stopped = session.held(_STOPPED, False)
    veiled = ask(_questions(rows), "aug_space") if rows else frozenset()
    fragment(_table, run_every=None if done or stopped else _EVERY_S)(photo, names, count, seed, bool(veiled))


def _map_section(photo: Photo, chain: Chain, seed: int) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        layers = stage_layers()
        words = dict(zip(layers, _places(layers), strict=True))
        layer = controls.choice("Seen by", "aug_space_layer", layers[-1], layers, format_func=words.get)
        count = controls.slider("Variants", "aug_space_variants", 24, 8, 64, 8, width=220)
    if not chain.steps:
        st.info("The chain has no steps: add one to see where its variants lie.", icon=":material/info:")
        return
    second = second_photo(photo) if chain.mixes else None
    with st.spinner(f"Asking the network about {count} variants …", show_time=True):
        found = _mapped(photo, chain, count, seed, layer, second)
    chart, side = st.columns([8, 4], gap="medium")
    with chart:
        st.plotly_chart(
            figures.map_figure(found, photo.pixels, second.pixels if second else None),
            key="aug_space_map",
            alt=figures.map_alt(found),
            config=_BAR,
        )
    with side:
        st.markdown(
            f"The photo (orange frame) and **{count} variants of the chain**, each where the network puts it: close "
            "together is alike to the network. The lighter a frame, the farther from the photo."
        )
        show_formula(mean_distance(found))
        show_formula(plane_share(found))
        code_panel(snippets.distances(layer))


def _places(layers: tuple[str, ...]) -> tuple[str, ...]:
    sizes = _sizes()
    return tuple(f"{size} × {size}" for size, _ in zip(sizes, layers, strict=True))


def _table(photo: Photo, names: tuple[str, ...], count: int, seed: int, veiled: bool) -> None:
    """The transforms measured so far; each run measures one more, and lets the other visitors go in between."""
    rows, layers = _measured(photo.digest, count, seed), stage_layers()
    missing = [name for name in names if name not in rows]
    stopped = session.held(_STOPPED, False)
    if missing and not stopped:
        found = embedding_shift(photo, missing[:1], count, seed)
        rows[missing[0]] = tuple(float(value) for value in found.distances[0])
        if len(missing) == 1:
            st.rerun()  # the last one: it ends the redrawing
        missing = missing[1:]
    if missing:
        _progress(len(names) - len(missing), len(names), stopped)
    shown = {name: rows[name] for name in names if name in rows}
    if veiled:
        st.info("Hidden until you have made your prediction.", icon=":material/visibility_off:")
    elif shown:
        st.plotly_chart(
            figures.shift_figure(shown, layers, _sizes(), len(missing)),
            key="aug_space_shift",
            alt=figures.shift_alt(shown),
            config=_BAR,
        )
        st.caption(
            "Each number is the mean of |v − p| / |p| over the variants, p the channel means of the photo in that "
            "layer. Transforms are drawn from their default ranges. What moves the photo little teaches this "
            "network little; what moves it far may have changed what it shows."
        )


def _progress(done: int, total: int, stopped: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(done / total, f"{'Stopped after' if stopped else 'Transform'} {done} of {total}")
        label, icon = ("Go on", ":material/play_arrow:") if stopped else ("Stop", ":material/stop:")
        st.button(
            label, icon=icon, key="aug_space_stop", on_click=session.assign, args=({_STOPPED: not stopped},)
        )


def _questions(rows: dict[str, Row]) -> tuple[Question, ...]:
    first = sum(row[0] for row in rows.values()) / len(rows)
    last = sum(row[-1] for row in rows.values()) / len(rows)
    return (
        Question(
            "space_where",
            "Where do these transforms move the photo farther, relative to its length?",
            PLACES[last > first],
            f"On average by {first:.3f} in the first layer and by {last:.3f} in the last. Channel means of early maps "
            "tell how much of each edge and colour there is, and that hardly changes; late ones tell what there is.",
            PLACES,
        ),
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def _measured(digest: str, count: int, seed: int) -> dict[str, Row]:
    """What was measured of a photo so far: the distance in each layer by transform; filled step by step."""
    return {}


@st.cache_data(show_spinner=False, max_entries=1)
def _sizes() -> tuple[int, ...]:
    """Sides of the maps that `stage_layers` names."""
    known = networks.record(networks.DEFAULT)
    sides = {f.name: f.output_hw[0] for f in network_fields(known.architecture, known.preprocessing.crop_px)}
    return tuple(sides[layer] for layer in stage_layers())


@st.cache_resource(max_entries=48, show_spinner=False, hash_funcs=_KEYS)
def _mapped(
    photo: Photo, chain: Chain, count: int, seed: int, layer: str, second: Photo | None
) -> EmbeddingMap:
    return embedding_map(photo, chain, count, seed, layer=layer, second=second)
