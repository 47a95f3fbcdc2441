"""Try the trained network on a new scene: every cell that speaks, who competes for an object, and who is left."""

import streamlit as st

from core.detection.boxes import overlap
from core.detection.competing import Competition, compete
from core.detection.formulas import iou_formula
from core.detection.live_formulas import score_formula
from core.detection.live_training import LiveEpoch, LiveSettings
from core.detection.scenes import SIDE, Scene, scene
from core.detection.small_yolo import Raw, Said, grid_of, raw_of, said
from core.figures import detection_training as figures
from core.figures.tiles import Role
from core.snippets import detection_training as snippets
from pages.shared import controls
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.heavy import heavy
from pages.shared.picture import Box, picture

BEFORE, AFTER = "before suppression", "after suppression"
SHARES = tuple(i / 100 for i in range(5, 100, 5))


def try_section(settings: LiveSettings, epoch: LiveEpoch) -> None:
    """A new scene, which the network of this epoch has never seen."""
    st.subheader("Try it on a new scene")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = controls.number("Scene", "det_live_scene", 8, 0, 9999, width=130)
        threshold = controls.choices_slider("Cells over the score", "det_live_loud", 0.3, SHARES, width=220)
        limit = controls.choices_slider("IoU threshold", "det_live_iou", 0.5, SHARES, width=220)
        view = controls.choice("Boxes", "det_live_boxes", BEFORE, (BEFORE, AFTER))
    shown = scene(settings.scenes, "new", settings.seed, number)
    with heavy():
        raw = raw_of(epoch.weights, [shown.pixels])
    one = said(raw[0])
    found = compete(one, shown.boxes, threshold, limit)
    image, numbers = st.columns([7, 6], gap="medium")
    with numbers:
        names = settings.scenes.classes
        index = _object(shown, found, names)
        rivals = found.claims[index][:2] if index is not None else ()
        _table(shown, found, names)
        if len(rivals) == 2:
            _rivals(settings, raw, one, rivals, limit)
        elif index is not None:
            st.info(
                f"{'One cell claims' if rivals else 'No cell claims'} this object: nobody competes. Lower the score, "
                "or train with another rule.",
                icon=":material/person:",
            )
    with image:
        boxes = _before(settings, one, found, rivals) if view == BEFORE else _after(one, found, names)
        picture(
            figures.enlarged(shown.pixels),
            key="det_live_try",
            alt=f"The new scene, {len(boxes)} frames {view}; {len(found.loud)} cells speak, {len(found.left)} stay",
            boxes=boxes,
            overlay=figures.objectness_map(one),
            opacity=0.45,
            scale=figures.objectness_scale(one),
            height=560,
            of=shown.pixels.shape[:2],
        )
        st.caption(
            f"Colour: objectness of each cell. {len(found.loud)} of {len(one.scores)} cells have a score of "
            f"{threshold:g} or more and are framed; {len(found.left)} boxes stay after suppression."
        )


def _object(shown: Scene, found: Competition, names: tuple[str, ...]) -> int | None:
    """The object whose rivals are shown: at first the one that most cells claim."""
    if not len(shown.boxes):
        st.info("No objects in this scene.", icon=":material/search_off:")
        return None
    options = tuple(f"{index + 1} {names[label]}" for index, label in enumerate(shown.labels))
    start = options[found.most_wanted or 0]
    return options.index(controls.select("Cells compete for object", "det_live_object", start, options))


def _table(shown: Scene, found: Competition, names: tuple[str, ...]) -> None:
    rows = [
        {
            "object": f"{index + 1} {names[label]}",
            "cells that claim it": len(found.claims[index]),
            "after suppression": len(found.kept[index]),
        }
        for index, label in enumerate(shown.labels)
    ]
    rows.append(
        {
            "object": "none",
            "cells that claim it": len(found.strangers),
            "after suppression": len(found.kept_strangers),
        }
    )
    st.dataframe(rows, hide_index=True)


def _rivals(settings: LiveSettings, raw: Raw, one: Said, rivals: tuple[int, ...], limit: float) -> None:
    """Two cells, their scores, how much their boxes overlap, and what suppression does about it."""
    side = SIDE // settings.stride
    places = [divmod(cell, side) for cell in rivals]
    st.markdown(
        "Two cells compete: "
        + " and ".join(
            f"**{name}** (row {row}, column {column})"
            for name, (row, column) in zip("AB", places, strict=True)
        )
        + "."
    )
    for column, name, cell in zip(st.columns(2), "AB", rivals, strict=True):
        with column:
            show_formula(score_formula(one, cell, f"{name}, {settings.scenes.classes[one.labels[cell]]}"))
    pair = overlap(one.boxes[rivals[0]], one.boxes[rivals[1]])
    show_formula(iou_formula(pair, limit, "IoU of A and B"))
    if one.labels[rivals[0]] != one.labels[rivals[1]]:
        st.caption("They say different classes, so suppression within each class leaves both alone.")
    elif pair.iou > limit:
        st.caption("Suppression removes B: its score is lower, and it overlaps A too much.")
    else:
        st.caption("Suppression does not remove B on account of A: the object may be found twice.")
    numbers = [tuple(raw[0, cell].tolist()) for cell in rivals]
    code_panel(snippets.rivals((numbers[0], numbers[1]), (rivals[0], rivals[1]), side, settings.stride))


def _before(settings: LiveSettings, one: Said, found: Competition, rivals: tuple[int, ...]) -> list[Box]:
    """All boxes over the threshold, on top the rivals with their cells."""
    boxes = [_box(one, cell, role="muted", dashed=cell in found.strangers) for cell in found.loud]
    grid = grid_of(settings.stride)
    roles: tuple[Role, Role] = ("primary", "third")
    for name, cell, role in zip("AB", rivals, roles, strict=False):
        edges = grid.box_of(divmod(cell, grid.columns))
        boxes.append(_box(one, cell, role=role))
        boxes.append(Box(*(figures.TIMES * edge for edge in edges), label=name, role=role, dashed=True))
    return boxes


def _after(one: Said, found: Competition, names: tuple[str, ...]) -> list[Box]:
    return [
        _box(one, cell, f"{names[one.labels[cell]]} {one.scores[cell]:.2f}", "second") for cell in found.left
    ]


def _box(one: Said, cell: int, label: str = "", role: Role = "muted", dashed: bool = False) -> Box:
    """A cell's box on the enlarged scene, cut to it."""
    edges = (figures.TIMES * min(max(edge, 0.0), SIDE) for edge in one.boxes[cell].tolist())
    return Box(*edges, label=label, role=role, dashed=dashed)
