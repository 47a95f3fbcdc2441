"""The view Train one: a small YOLO learns generated scenes while the visitor watches, and is then tried on new ones."""

import math
from collections.abc import Sequence

import streamlit as st

from core.detection.assignment import Assignment
from core.detection.competing import verdicts
from core.detection.live_formulas import loss_formula, output_formula
from core.detection.live_loss import assigned
from core.detection.live_training import HELD_OUT, MOST_EPOCHS, SHOWN, LiveEpoch, LiveSettings
from core.detection.scenes import (
    KINDS,
    MOST_CLUTTER,
    MOST_NOISE,
    MOST_OBJECTS,
    SIDE,
    SMALLEST,
    Scene,
    SceneSettings,
)
from core.detection.small_yolo import grid_of
from core.figures import detection_training as figures
from core.photo import Photo
from core.snippets import detection_training as snippets
from pages.applications import detection_training_runs as runs
from pages.applications.detection_training_try import try_section
from pages.shared import controls, jobs
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import plain_number, show_formula
from pages.shared.lesson import Question, ask
from pages.shared.plain_text import plain
from pages.shared.tiles import tiles
from pages.shared.turns import fragment

RULES = {"centre": "its centre's cell", "around": "3 × 3 cells", "simota": "SimOTA"}
_RULE_HELP = (
    "Its centre's cell, as in YOLOv1. 3 × 3 cells: that one and its neighbours. SimOTA, as in YOLOX: the cells that "
    "predict the object best already."
)
TENTHS = tuple(i / 10 for i in range(11))
SCORES = tuple(i / 100 for i in (1, *range(5, 100, 5)))
_NUMBERS, _RULE = "live_numbers", "live_rule"
_MORE, _FEWER, _SAME = "3 × 3 cells", "one cell", "as many"


def training_view(photo: Photo | None = None) -> None:
    """The settings, the training as it stands, and the network that came of it on a new scene.

    Args:
        photo: of the page; this view draws its own scenes.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        settings = _settings()
        if settings is None:
            return
        before = runs.shown(settings)
        known = len(before.epochs) > settings.epochs
        st.button(
            "Train",
            type="primary",
            icon=":material/play_arrow:",
            key="det_live_go",
            on_click=runs.start,
            args=(settings,),
            disabled=before.active or known,
            help="Trained already: move the slider through its epochs, or take another seed"
            if known
            else None,
        )
        veiled = ask(_questions(settings), "det_live")
    fragment(_stage, run_every=runs.EVERY_S if before.active else None)(settings, veiled)


def _settings() -> LiveSettings | None:
    """What the controls ask for; None if that is impossible, which is said."""
    kind = controls.choice("Objects", "det_live_kind", "shapes", tuple(KINDS))
    rule = controls.choice(
        "An object is learned by",
        "det_live_rule",
        "around",
        tuple(RULES),
        format_func=RULES.__getitem__,
        help=_RULE_HELP,
    )
    try:
        with st.popover("Scenes", icon=":material/grid_view:"):
            scenes = _scenes(kind)
        with st.popover("Training", icon=":material/tune:"):
            return _training(scenes, rule)
    except ValueError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None


def _scenes(kind: str) -> SceneSettings:
    return SceneSettings(
        kind,
        controls.slider("Objects, at least", "det_live_least", 1, 0, MOST_OBJECTS),
        controls.slider("Objects, at most", "det_live_most", 4, 0, MOST_OBJECTS),
        controls.slider("Smallest, pixels", "det_live_small", 16, SMALLEST, SIDE, 8),
        controls.slider("Largest, pixels", "det_live_large", 40, SMALLEST, SIDE, 8),
        controls.choices_slider(
            "Overlap allowed",
            "det_live_overlap",
            0.3,
            TENTHS,
            help="So large a share of the smaller of two boxes may lie in the other",
        ),
        controls.slider(
            "Clutter", "det_live_clutter", 4, 0, MOST_CLUTTER, 2, help="Strokes that are no objects"
        ),
        controls.slider(
            "Noise", "det_live_noise", 8, 0, MOST_NOISE, 4, help="Standard deviation in grey values"
        ),
    )


def _training(scenes: SceneSettings, rule: str) -> LiveSettings:
    cells = controls.choice("Grid", "det_live_grid", "12 × 12", ("12 × 12", "6 × 6"))
    epochs = controls.slider("Epochs", "det_live_epochs", 16, 2, MOST_EPOCHS, 2, help="Of 512 new scenes")
    seed = controls.number("Seed", "seed", 0, 0, 9999, help="Of the network's start and of all scenes")
    return LiveSettings(scenes, rule, SIDE // int(cells.split()[0]), epochs, seed=seed)


def _stage(settings: LiveSettings, veiled: frozenset[str]) -> None:
    """The training as it stands; drawn again and again while it is on its way."""
    if runs.ended():
        st.rerun()
    shown = runs.shown(settings)
    if shown.job is not None:
        jobs.panel(shown.job, key="det_live_stop", what="Training")
    if shown.active and shown.settings != settings:
        st.caption(":material/info: This training has other settings than those above.")
    if not shown.epochs:
        _samples(shown.settings, waiting=shown.active, veiled=_NUMBERS in veiled)
        return
    if _RULE in veiled:
        st.info("Hidden until you have made your prediction.", icon=":material/visibility_off:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        epoch = shown.epochs[-1] if shown.active else _epoch(shown.epochs)
        threshold = controls.choices_slider("Score threshold", "det_live_score", 0.3, SCORES, width=220)
    _progress(shown, epoch, threshold)
    if not shown.active:
        try_section(shown.settings, epoch)
        code_panel(snippets.training(shown.settings), "Show the code: the whole training in PyTorch")


def _samples(settings: LiveSettings, waiting: bool, veiled: bool) -> None:
    """Some of the scenes, with their true boxes."""
    names = settings.scenes.classes
    image, numbers = st.columns([8, 4], gap="medium")
    with image:
        grid = grid_of(settings.stride)
        tiles(
            [
                figures.sample_tile(*drawn, names, f"Scene {number}", _taught(settings, drawn[0]), grid)
                for number, drawn in enumerate(runs.scenes_shown(settings), 1)
            ],
            key="det_live_samples",
            alt="Scenes to test with, and their true boxes",
            columns=3,
        )
        st.caption(
            "SimOTA chooses the cells by what the network predicts, so there are none to show before."
            if settings.rule == "simota"
            else "Blue: the cells that are taught an object; all others are taught “nothing here”."
        )
    with numbers:
        if not settings.scenes.most:
            st.warning(
                "No objects: only “nothing here” can be learned, and AP is not defined.",
                icon=":material/do_not_disturb_on:",
            )
        if settings.scenes.kind == "digits":
            st.caption("The digits to test with are none of those to train with.")
        if not waiting:
            seen = plain_number(settings.epochs * settings.per_epoch)
            st.info(
                f"Press “Train”: a network that knows nothing sees {seen} such scenes, each once. After each of "
                f"{settings.epochs} epochs it is tested on {HELD_OUT} others; these are {SHOWN} of them.",
                icon=":material/play_circle:",
            )
        show_formula(output_formula(settings), veiled)


def _taught(settings: LiveSettings, drawn: Scene) -> Assignment | None:
    """Who learns what, where that does not depend on what the network predicts."""
    return None if settings.rule == "simota" else assigned(settings.rule, drawn, grid_of(settings.stride))


def _epoch(epochs: Sequence[LiveEpoch]) -> LiveEpoch:
    """The one that the slider names."""
    place = controls.slider(
        "Epoch", runs.EPOCH, len(epochs) - 1, 0, len(epochs) - 1, help="0: before any training"
    )
    return epochs[place]


def _progress(shown: runs.Shown, epoch: LiveEpoch, threshold: float) -> None:
    """Held-out scenes at the left, curves at the right."""
    settings, names = shown.settings, shown.settings.scenes.classes
    pictures, numbers = st.columns([7, 6], gap="medium")
    with pictures:
        told = [
            figures.found_tile(
                scene, image, verdicts(epoch.raw[[index]], scene, threshold), names, f"Scene {index + 1}"
            )
            for index, (scene, image) in enumerate(runs.scenes_shown(settings))
        ]
        alt = f"Held-out scenes after epoch {epoch.number}"
        tiles(told, key="det_live_found", alt=alt, columns=3)
        st.caption(
            "After suppression. Blue: right, IoU 0.5 or more. Orange: false alarm. White, broken: missed. None of "
            "these scenes was trained on."
        )
        if epoch.number:
            show_formula(loss_formula(epoch.parts))
    with numbers:
        st.markdown(_stands(epoch, settings))
        for figure, alt, key in (
            (figures.precision_figure, figures.precision_alt, "precision"),
            (figures.parts_figure, figures.parts_alt, "parts"),
        ):
            st.plotly_chart(
                figure(shown.epochs, settings.epochs, epoch.number),
                key=f"det_live_{key}",
                alt=alt(shown.epochs),
                config={"displayModeBar": False},
            )


def _stands(epoch: LiveEpoch, settings: LiveSettings) -> str:
    """Where the training stands, in words."""
    half = "not defined without objects" if math.isnan(epoch.ap50) else f"**{epoch.ap50:.3f}**"
    when = f"Epoch **{epoch.number}** of {settings.epochs}{'' if epoch.whole else ', stopped midway'}"
    if not epoch.number:
        return f"{when}, before any training: AP50 {half} on {HELD_OUT} held-out scenes."
    return (
        f"{when}: AP50 {half} on {HELD_OUT} held-out scenes. {plain_number(epoch.seen)} scenes learned in "
        f"**{epoch.seconds:.1f} s** on the processor, {epoch.pace:.0f} a second in this epoch."
    )


def _questions(settings: LiveSettings) -> tuple[Question, ...]:
    numbers = output_formula(settings)
    cells = SIDE // settings.stride
    return (
        Question(
            _NUMBERS,
            f"A grid of {cells} × {cells} cells and {len(settings.scenes.classes)} classes: how many numbers does the "
            "network say about one scene?",
            int(numbers.value),
            numbers,
        ),
        Question(
            _RULE,
            "Once trained, with which rule do more cells claim an object before suppression?",
            _MORE,
            "Nine cells were taught that the object is theirs, and most of them say so. Suppression is there for them.",
            (_FEWER, _SAME, _MORE),
        ),
    )
