"""The maps view: all channels of any layer of a real network, for your photo, taken apart at every click."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from core.features.maps import Layer, Stage, strongest_place
from core.features.scene import Look, Scene
from core.figures import features as figures
from core.figures.features_stages import channel_words, stage_tiles
from core.photo import Photo
from core.receptive_field import LayerField, network_fields, unit_box
from core.receptive_field.placement import nearest_unit
from pages.networks import features_maps_source as source
from pages.networks.features_maps_lesson import questions
from pages.networks.features_maps_source import Wish
from pages.shared import controls, session
from pages.shared.heavy import pytorch_loads
from pages.shared.lesson import ask
from pages.shared.picture import Box, picture
from pages.shared.plain_text import plain
from pages.shared.tiles import tiles
from pages.shared.turns import fragment

_BOARD, _PHOTO = "feat_picture_board", "feat_picture_photo"
_STAGE, _STRIP, _STAGES = "feat_stage", "feat_strip", "feat_strip_stages"
_CHANNEL, _ROW, _COLUMN, _PAGE = "feat_channel", "feat_y", "feat_x", "feat_page"
_PER_PAGE = (48, 96, 256)
_ORDERS = {"max": "largest value", "mean": "mean", "index": "number"}
SECTIONS = {
    "One unit": "A click on the photo picks a unit of the chosen channel; here is the sum it is.",
    "Cut the wire": "Switch the channel off or turn it up, and see what the network says then.",
    "The layer in numbers": "How much of the layer is zero, how its values spread, who carries its energy.",
    "Side by side": "The same photo in two layers, or in two networks.",
    "Two photos": "Where do two photos part on their way through the network?",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """All that is looked at.

    Args:
        look: network and weights, as they are used.
        layer: the layer, and `field`: what its units see, where that is known.
        unit: channel, row and column.
    """

    photo: Photo
    look: Look
    scene: Scene
    layer: Layer
    field: LayerField | None
    unit: tuple[int, int, int]

    @property
    def maps(self) -> np.ndarray:
        """All channels of the layer."""
        return source.maps(self.photo, self.look, self.layer.name)


@fragment
def maps_view(photo: Photo) -> None:
    """Draw the view; a fragment: a click redraws this view and not the frame around it."""
    settings, waiting, results = st.container(), st.empty(), st.container()
    pytorch_loads(waiting, "feat_seen_before")
    with settings.container(horizontal=True, vertical_alignment="bottom"):
        look = source.choose_look()
        with st.popover("Settings", icon=":material/tune:"):
            wish, seed = _wish()
        numbers = st.container(horizontal=True, vertical_alignment="bottom", width="content")
        lesson = st.container(width="content")
    with settings:
        look = source.usable(replace(look, seed=seed if look.weights != source.TRAINED else 0))
    try:
        scene = source.scene(photo, look)
    except (ValueError, LookupError) as error:
        waiting.warning(plain(str(error)), icon=":material/info:")
        return
    with settings:
        layer = _choose_layer(photo, look, scene.stages)
    waiting.empty()
    session.assign({"feat_seen_before": True})
    with results:
        with numbers:
            unit, page = _unit(photo, look, layer, wish)
        seen = Seen(photo, look, scene, layer, _field(look, scene, layer), unit)
        with lesson:
            veiled = ask(questions(photo, look, layer, unit[0]), "feat")
        _results(seen, wish, page, veiled)


def _wish() -> tuple[Wish, int]:
    order = controls.choice(
        "Channels in order of", "feat_order", "max", tuple(_ORDERS), format_func=_ORDERS.get
    )
    own = controls.choice("Colours", "feat_scale", "own range", ("own range", "one range"))
    per_page = controls.choice("Channels on a page", "feat_per_page", 96, _PER_PAGE)
    seed = controls.number("Seed of untrained weights", "seed", 0, 0, 9999)
    return Wish(order, own == "one range", per_page), seed


def _choose_layer(photo: Photo, look: Look, stages: tuple[Stage, ...]) -> Layer:
    """The strip of stages with their shapes, and the layers of the chosen one."""
    strip = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = controls.select(
            "Stage",
            _STAGE,
            min(1, len(stages) - 1),
            tuple(stage.number for stage in stages),
            format_func=lambda number: _stage_name(stages[number]),
            width=220,
        )
        stage = stages[chosen]
        names = tuple(layer.name for layer in stage.layers)
        name = controls.select("Layer", "feat_layer", stage.face.name, names, width=330)
    session.assign({_STAGES: len(stages)})
    with strip:
        tiles(
            stage_tiles(stages, source.stage_faces(photo, look), chosen),
            key=_STRIP,
            alt="The network's stages: how much goes on where, and height × width × channels; click one to open it",
            columns=max(8, len(stages)),
            least_px=64,
            on_pick=None if _STAGE in controls.hidden_keys() else _pick_stage,
        )
        st.caption("Where much goes on: the mean magnitude over a stage's channels, each in its own range.")
    return next(layer for layer in stage.layers if layer.name == name)


def _pick_stage() -> None:
    """A click on the strip opens a stage."""
    picked = session.held(_STRIP)["picked"]
    if isinstance(picked, int) and 0 <= picked < session.held(_STAGES, 0):
        session.assign({_STAGE: picked})


def _stage_name(stage: Stage) -> str:
    return f"{stage.hw[0]} × {stage.hw[1]} × {channel_words(stage)}"


def _results(seen: Seen, wish: Wish, page: int, veiled: frozenset[str]) -> None:
    left, right = st.columns([8, 5], gap="large")
    with left:
        _all_channels(seen, wish, page)
    with right:
        _photo(seen)
        _prediction(seen, "top" in veiled)
    section = controls.choice("Look closer", "feat_section", next(iter(SECTIONS)), tuple(SECTIONS))
    st.caption(SECTIONS[section])
    from pages.networks import features_maps_sections as sections

    match section:
        case "One unit":
            sections.one_unit(seen)
        case "Cut the wire":
            sections.cut_section(seen, "cut" in veiled)
        case "The layer in numbers":
            sections.statistics_section(seen, "sparse" in veiled)
        case "Side by side":
            sections.side_by_side(seen, wish)
        case _:
            sections.two_photos(seen)


def _field(look: Look, scene: Scene, layer: Layer) -> LayerField | None:
    from core.networks import record

    fields = network_fields(record(look.network).architecture, scene.pixels.shape[0])
    return next((field for field in fields if field.name == layer.name), None)


def _unit(photo: Photo, look: Look, layer: Layer, wish: Wish) -> tuple[tuple[int, int, int], int]:
    """The unit that is taken apart, and the page of channels; at first the liveliest channel's strongest place."""
    pages = -(-layer.channels // wish.per_page)
    lively = int(source.table(photo, look, layer.name).spread.argmax())
    with st.popover("Exact places", icon=":material/my_location:"):
        channel = controls.number("Channel", _CHANNEL, lively, 0, layer.channels - 1)
        row, column = strongest_place(source.maps(photo, look, layer.name)[channel])
        y = controls.number("Row", _ROW, row, 0, layer.hw[0] - 1)
        x = controls.number("Column", _COLUMN, column, 0, layer.hw[1] - 1)
    page = 0
    if pages > 1:
        page = controls.number(f"Page of {pages}", _PAGE, 1, 1, pages, width=130) - 1
    return (channel, y, x), page


def _all_channels(seen: Seen, wish: Wish, page: int) -> None:
    layer = seen.layer
    st.markdown(f"**{layer.name}**: {layer.tensor} · {layer.channels} maps of {layer.hw[0]} × {layer.hw[1]}")
    shown = source.page_board(seen.photo, seen.look, layer, wish, page)
    box = shown.box(seen.unit[0])
    picture(
        shown.picture,
        key=_BOARD,
        alt=f"{len(shown.channels)} maps of layer {layer.name}; click one to lay it over the photo",
        boxes=[Box(*box)] if box else (),
        marker=figures.NOWHERE,
        scale=shown.scale,
        height=620,
        on_pick=_pick_channel,
    )
    session.assign({"feat_board": shown, "feat_maps_key": (seen.photo, seen.look, layer.name)})
    ranges = (
        "One range of colours for all."
        if wish.shared
        else "Each map in its own range; its largest value stands below it."
    )
    silent = int(source.table(seen.photo, seen.look, layer.name).silent.sum())
    st.caption(
        f"{ranges} All values here: {shown.smallest:.3g} to {shown.largest:.3g}. Silent on this photo"
        f" (striped): {silent} of {layer.channels}."
    )


def _pick_channel() -> None:
    """A click on a map: lay it over the photo, and go to its strongest place."""
    channel = session.held("feat_board").channel_at(tuple(session.held(_BOARD)["pixel"]))
    if channel is None:
        return
    row, column = strongest_place(source.maps(*session.held("feat_maps_key"))[channel])
    session.assign({_CHANNEL: channel, _ROW: row, _COLUMN: column})


def _photo(seen: Seen) -> None:
    """The square that the network saw, the chosen map over it, and what the unit sees."""
    channel, y, x = seen.unit
    plane = seen.maps[channel]
    boxes = []
    if seen.field is not None:
        gates = " without gates" if seen.field.whole_image else ""
        boxes.append(Box(*unit_box(seen.field, (y, x)), label=f"sees {seen.field.size} px{gates}"))
    side = seen.scene.pixels.shape[0]
    st.markdown(f"**Channel {channel}** over the photo as the network saw it, {side} × {side}")
    picture(
        source.crop(seen.photo, seen.look),
        key=_PHOTO,
        alt=f"The square of the photo that the network saw, with channel {channel} laid over it",
        boxes=boxes,
        overlay=figures.map_rgba(plane, rectified=seen.layer.rectified),
        opacity=0.85,
        marker=_pixel(seen, side),
        scale=figures.map_scale(plane, rectified=seen.layer.rectified),
        height=360,
        on_pick=_pick_unit,
    )
    session.assign({"feat_photo_field": (seen.field, seen.layer.hw, side)})


def _pixel(seen: Seen, side: int) -> tuple[int, int]:
    """The pixel in the middle of what the unit sees."""
    places = zip(seen.unit[1:], seen.layer.hw, strict=True)
    return tuple(min(side - 1, int((at + 0.5) * side / size)) for at, size in places)  # type: ignore[return-value]


def _pick_unit() -> None:
    """A click on the photo: the unit nearest to the pixel."""
    field, hw, side = session.held("feat_photo_field")
    pixel = tuple(session.held(_PHOTO)["pixel"])
    row, column = (
        nearest_unit(field, pixel) if field else (at * n // side for at, n in zip(pixel, hw, strict=True))
    )
    session.assign({_ROW: row, _COLUMN: column})


def _prediction(seen: Seen, veiled: bool) -> None:
    st.markdown(f"**What {plain(source.record(seen.look.network).title)} says**")
    if veiled:
        st.info("Hidden until you have made your prediction.", icon=":material/visibility_off:")
        return
    for category, share in source.predictions(seen.photo, seen.look):
        st.progress(share, f"{plain(category)} **{share:.1%}**")
    if seen.look.weights != source.TRAINED:
        st.caption("Untrained: the weights are random, and so is the answer.")
