"""How the network is trained: the widgets, and the recipe that they make."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from core.augmentation import Chain
from core.augmentation.text import LONGEST
from core.transfer.recipe import BATCH_NORMS, OPTIMISERS, SCHEDULES, Approach, Recipe
from pages.foundations.augmentation_chain import DEFAULT_TEXT, MADE, read_chain
from pages.networks.features_maps_source import NETWORKS as ALL
from pages.shared import controls, edits, session
from pages.shared.layer_strip import StripStage, layer_strip
from pages.shared.plain_text import plain

if TYPE_CHECKING:
    from core.transfer.stages import Stage

NETWORKS = tuple(name for name in ALL if not name.startswith("squeezenet"))  # it ends in a map of classes
APPROACH, STAGES, STRIP = "tl_approach", "tl_stages", "transfer_strip"
TITLES: dict[Approach, str] = {
    "features": "New head only",
    "tune": "Fine-tune",
    "scratch": "From scratch",
}
SAYS: dict[Approach, str] = {
    "features": "The trunk stays as ImageNet made it. Every photo goes through it once; only the new head trains.",
    "tune": "The new head and the last stages train, the stages with a smaller rate. The rest stays frozen.",
    "scratch": "Everything starts from random numbers, as if ImageNet had never been seen.",
}
RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
AUTO = "as fits"
SIZES = (AUTO, 32, 64, 96, 128, 160, 192, 224)
SIDE: dict[Approach, int] = {"features": 224, "tune": 160, "scratch": 96}
EPOCHS: dict[Approach, int] = {"features": 30, "tune": 8, "scratch": 15}
_BATCH_NORM = {"frozen": "keep ImageNet's statistics", "batch": "each batch's own"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """How much of the network trains.

    Args:
        stages: so many of the trunk's stages train; 0 for none of them.
    """

    approach: Approach
    stages: int


def choose_approach(trunk: int) -> Chosen:
    """The approach, and for fine-tuning how many of the trunk's stages train; the strip moves the boundary, too."""
    approach = controls.choice(
        "What trains", APPROACH, "features", tuple(TITLES), format_func=lambda name: TITLES[name]
    )
    wanted = 0
    if approach == "tune":
        wanted = controls.slider("Stages that train", STAGES, 1, 1, trunk, width=220)
    return Chosen(approach, {"features": 0, "scratch": trunk}.get(approach, wanted))


def strip(stages: Sequence["Stage"], chosen: Chosen, head: int, *, disabled: bool) -> None:
    """The network as a row of stages with the boundary between what is frozen and what trains.

    Args:
        head: parameters of the new head.
    """
    shown = [StripStage(each.name, each.title, each.parameters, each.out_shape) for each in stages]
    trained = sum(each.parameters for each in stages[len(stages) - chosen.stages :]) + head
    layer_strip(
        shown,
        head,
        chosen.stages,
        random=chosen.approach == "scratch",
        disabled=disabled,
        serial=edits.taken(STRIP),
        key=STRIP,
        alt=f"{len(shown)} stages and a head: the last {chosen.stages} train, with the head {trained:,} parameters",
        on_move=_move,
    )


def _move() -> None:
    """The boundary was moved: no stage is the new head alone, else it is fine-tuning."""
    try:
        boundary = int(edits.take(STRIP)["trained"])
    except (ValueError, KeyError, TypeError):
        return
    session.assign({APPROACH: "features"} if boundary < 1 else {APPROACH: "tune", STAGES: boundary})


def choose_settings(network: str, chosen: Chosen) -> Recipe:
    """Everything else, with defaults that work; drawn in a popover."""
    approach = chosen.approach
    left, right = st.columns(2, gap="medium")
    with left:
        rate = controls.choices_slider(
            "Learning rate of the head", "tl_rate", 1e-3, RATES, format_func=_short
        )
        factor = controls.choice(
            "The trunk's rate is times", "tl_trunk", 0.1, (0.01, 0.03, 0.1, 0.3, 1.0), format_func=_short
        )
        schedule = controls.choice("Schedule", "tl_schedule", "cosine", SCHEDULES)
        optimiser = controls.choice("Optimiser", "tl_optimiser", "AdamW", OPTIMISERS)
        epochs = controls.slider("Epochs", f"tl_epochs_{approach}", EPOCHS[approach], 1, 100)
        batch = controls.choices_slider("Batch", "tl_batch", 16, (1, 2, 4, 8, 16, 32, 64))
        size = controls.select("Side of the photos, pixels", "tl_size", AUTO, SIZES)
    with right:
        decay = controls.choices_slider(
            "Weight decay", "tl_decay", 1e-2, (0.0, 1e-4, 1e-3, 1e-2, 1e-1), format_func=_short
        )
        smoothing = controls.choices_slider(
            "Label smoothing", "tl_smoothing", 0.0, (0.0, 0.05, 0.1, 0.2), format_func=_short
        )
        dropout = controls.choices_slider(
            "Dropout before the head", "tl_dropout", 0.2, (0.0, 0.1, 0.2, 0.3, 0.5), format_func=_short
        )
        patience = controls.slider(
            "Stop after so many epochs without progress (0: never)", "tl_patience", 0, 0, 20
        )
        norm = controls.choice(
            "Batch normalisation in what trains",
            "tl_norm",
            "frozen",
            BATCH_NORMS,
            format_func=lambda name: _BATCH_NORM[name],
        )
        augmented = controls.toggle(
            "Augment the training photos", "tl_augment", help="With the chain of the Augmentation page"
        )
        chain = _training_chain() if augmented else Chain()
        passes = _passes() if augmented and approach == "features" else 1
        seed = controls.number("Seed", "seed", 0, 0, 9999)
    return Recipe(
        network=network,
        approach=approach,
        stages=max(1, chosen.stages),
        size_px=SIDE[approach] if size == AUTO else int(size),
        optimiser=optimiser,
        rate=rate,
        trunk_factor=factor,
        schedule=schedule,
        batch=batch,
        epochs=epochs,
        weight_decay=decay,
        label_smoothing=smoothing,
        dropout=dropout,
        patience=patience,
        batch_norm=norm,
        chain=chain,
        passes=passes,
        seed=seed,
    )


def _training_chain() -> Chain:
    """The chain that was last built on the Augmentation page, to be changed here as text."""
    text = controls.text("Chain", "tl_chain", session.held(MADE, DEFAULT_TEXT), most=LONGEST)
    chain, refused = read_chain(text)
    if refused:
        st.caption(f":material/info: {plain(refused)} The default chain is used instead.")
    if chain.mixes:
        st.caption(
            ":material/info: MixUp and CutMix blend two labels, which are whole here: nothing is augmented."
        )
        return Chain()
    return chain


def _passes() -> int:
    return controls.slider(
        "Augmented copies of each photo",
        "tl_passes",
        4,
        1,
        20,
        help="The frozen trunk sees each copy once; the head then trains on what it remembers of them.",
    )


def _short(value: float) -> str:
    return f"{value:g}"
