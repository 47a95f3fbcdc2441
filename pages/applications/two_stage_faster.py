"""The view Faster R-CNN: anchors at any place and what moves them; with weights, every stage of the funnel."""

from operator import attrgetter

import streamlit as st

from core import networks
from core.figures import detection as bars
from core.figures import two_stage_faster as figures
from core.figures.encoding import Encoded, encode
from core.networks import DETECTORS, store
from core.photo import Photo
from core.snippets import two_stage_faster as snippets
from core.two_stage import faster
from core.two_stage.anchor_formulas import count_formula, grids, level_formula, shape_formula, step_formulas
from core.two_stage.anchors import DESIGNS, anchors_at, base_anchors, decode, input_scale
from core.two_stage.faster import NAMES, Funnel
from pages.applications.two_stage_faster_lesson import asked
from pages.shared import controls, session
from pages.shared.code_panel import code_panel
from pages.shared.fetch_weights import offer
from pages.shared.formula_view import show_formula
from pages.shared.heavy import kept
from pages.shared.picture import Box, picture
from pages.shared.plain_text import plain

SECTIONS = ("Anchors", "The funnel")
STEPS = tuple(i / 10 for i in range(-10, 11))
SHARES = tuple(i / 20 for i in range(2, 20))
_KEYS = {Photo: attrgetter("digest")}
_DRAWN, _NAMED = 60, 12  # boxes of a stage that are drawn, and that carry their class
_TITLES = {name: DETECTORS[name].title for name in NAMES}


def faster_view(photo: Photo) -> None:
    """The network and the section above."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        section = controls.choice("Show", "ts_faster", SECTIONS[0], SECTIONS)
        name = controls.select(
            "Network", "ts_faster_network", NAMES[0], NAMES, width=270, format_func=_TITLES.get
        )
        place = st.container(horizontal=True, vertical_alignment="bottom", width="content")
    if section == SECTIONS[0]:
        _anchors(photo, name, place)
    else:
        _funnel(photo, name, place)


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs=_KEYS)
def travelling(photo: Photo) -> Encoded:
    """The photo as the browser components show it."""
    return encode(photo.pixels)


def _anchors(photo: Photo, name: str, controls_at) -> None:
    """All anchors of one place; one of them is moved by four steps."""
    design = DESIGNS[name]
    hw = photo.pixels.shape[:2]
    scale = input_scale(hw, design.size_px)
    shown = (round(hw[0] * scale), round(hw[1] * scale))
    level_count = len(design.strides)
    with controls_at:
        level = controls.slider("Map", "ts_map", min(3, level_count), 1, level_count, width=130) - 1
    base = base_anchors(design.sizes[level], design.ratios)
    rows, columns = grids(shown, design)[level]
    stride = design.strides[level]
    key = f"ts_anchor_{photo.digest[:12]}"
    picked = (session.held(key) or {}).get("pixel") or (hw[0] // 2, hw[1] // 2)
    row, column = (
        min(last - 1, int((each + 0.5) * scale / stride))
        for each, last in zip(picked, (rows, columns), strict=True)
    )
    here = anchors_at(base, stride, column, row)
    image, numbers = st.columns([6, 7], gap="medium")
    with numbers:
        usual = 1 + len(base) // 2 + (len(base) > 3)  # square, and large enough to be seen
        chosen = controls.slider("Anchor", "ts_anchor_number", usual, 1, len(base), width=200) - 1
        with st.container(horizontal=True):
            steps = tuple(
                controls.choices_slider(f"t{axis}", f"ts_step_{axis}", 0.0, STEPS, width=110)
                for axis in "xywh"
            )
    box = decode([here[chosen]], [steps])[0]
    veiled = asked(count_formula(shown, design), level_formula(tuple(box), design))
    with image:
        boxes = [
            Box(*(each / scale).tolist(), role="primary" if i == chosen else "muted", dashed=i != chosen)
            for i, each in enumerate(here)
        ]
        moved = [] if not any(steps) else [Box(*(box / scale).tolist(), role="third", label="moved")]
        picture(
            travelling(photo),
            key=key,
            alt=f"The photo with {len(base)} anchors at row {row}, column {column} of map {level + 1}",
            boxes=[*boxes, *moved],
            height=560,
            on_pick=_nothing,
        )
        st.caption(
            f"Click anywhere: the anchors of that place. Map {level + 1} has {rows} × {columns} places, one every "
            f"{stride} pixels of the {shown[1]} × {shown[0]} input; {len(base)} anchors each. Yellow: the chosen one."
        )
    with numbers:
        show_formula(count_formula(shown, design), veiled=veiled)
        size = design.sizes[level][chosen % len(design.sizes[level])]
        ratio = design.ratios[chosen // len(design.sizes[level])]
        columns = st.columns(2, gap="small")
        with columns[0]:
            show_formula(shape_formula(size, ratio))
            show_formula(level_formula(tuple(box), design), veiled=veiled)
        with columns[1]:
            for formula in step_formulas(tuple(here[chosen]), steps):
                show_formula(formula)
    code_panel(snippets.anchors(size, ratio, (column * stride, row * stride), steps))


@kept(st.cache_resource, 4, _KEYS)
def _seen(photo: Photo, name: str, rpn_iou: float) -> Funnel:
    return faster.funnel(photo.pixels, name, rpn_iou=rpn_iou)


def _funnel(photo: Photo, name: str, controls_at) -> None:
    """Every stage with its count; the boxes of the chosen one on the photo."""
    if not store.is_here(name):
        offer(DETECTORS[name], "ts_fetch", "Without them the section Anchors shows what needs none.")
        return
    with controls_at:
        rpn_iou = controls.choices_slider("IoU of the proposals", "ts_rpn_iou", 0.7, SHARES, width=180)
        maps = len(DESIGNS[name].strides)
        level = controls.slider("Objectness of map (0: none)", "ts_objectness", 0, 0, maps, width=200)
    try:
        found = _seen(photo, name, rpn_iou)
    except (LookupError, ValueError, networks.WeightsDamaged) as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    titles = tuple(stage.title for stage in found.stages)
    image, numbers = st.columns([7, 6], gap="medium")
    with numbers:
        title = controls.select("Stage", "ts_stage", titles[-1], titles)
        stage = found.stages[titles.index(title)]
        stages = [(each.title, each.count) for each in found.stages]
        st.plotly_chart(
            bars.funnel_figure(stages),
            key="ts_funnel",
            alt=bars.funnel_alt(stages),
            config={"displayModeBar": False},
        )
        taken = ", ".join(f"{count:,} from level {level}" for level, count in found.levels.items())
        st.caption(f"Regions are cut by RoIAlign: {taken or 'none'}.")
    with image:
        names = faster.class_names()
        boxes = [
            Box(
                *edges,
                label=f"{names[label]} {score:.2f}" if label > 0 and place < _NAMED else "",
                role="primary" if label > 0 else "second",
            )
            for place, (edges, score, label) in enumerate(
                zip(stage.boxes[:_DRAWN].tolist(), stage.scores, stage.labels.tolist(), strict=False)
            )
        ]
        picture(
            travelling(photo),
            key="ts_stage_picture",
            alt=f"The photo with the best {len(boxes)} of {stage.count:,} boxes: {title}",
            boxes=boxes,
            overlay=figures.enlarged(figures.objectness_map(found, level - 1)) if level else None,
            height=560,
        )
        st.caption(f"The best {len(boxes)} of **{stage.count:,}**.")
    code_panel(snippets.detect(name))


def _nothing() -> None:
    """A pick reruns the view, which reads it."""
