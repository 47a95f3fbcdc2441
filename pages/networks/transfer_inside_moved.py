"""What moved: the relative change of every tensor, and a backbone that moves although it is frozen."""

import streamlit as st

from core.figures import transfer_after as figures
from core.figures import transfer_more as more
from core.jobs import Job, Order
from core.snippets import transfer as snippets
from pages.networks.transfer_runs import Training
from pages.networks.transfer_source import stages_for
from pages.networks.transfer_works import on_demand
from pages.shared import controls
from pages.shared.code_panel import code_panel

_BATCHES = 10


def moved_section(found: Training) -> None:
    """The tensors of this training, then the trap."""
    trained = found.trained
    stages = stages_for(trained.recipe.network)
    names = [stage.title for stage in stages]
    count = {"features": 0, "scratch": len(stages)}.get(
        trained.recipe.approach, min(trained.recipe.stages, len(stages))
    )
    st.plotly_chart(
        figures.moved_figure(trained.moved, names, count),
        key="tl_moved",
        alt=figures.moved_alt(trained.moved, names, count),
        config={"displayModeBar": False},
    )
    still = sum(each.numbers for each in trained.moved if each.relative == 0)
    st.caption(
        f"{still:,} of {sum(each.numbers for each in trained.moved):,} numbers are bit for bit what they were. "
        "The head is compared with its random start."
    )
    st.markdown("##### The frozen backbone that moves")
    mode = controls.choice(
        "The frozen network stands in", "tl_drift_mode", "training mode", ("training mode", "evaluation mode")
    )
    arguments = {
        "photos": found.photos,
        "network": trained.recipe.network,
        "size_px": trained.recipe.size_px,
        "batches": _BATCHES,
        "seed": trained.recipe.seed,
        "mode": "train" if mode == "training mode" else "eval",
    }
    on_demand(
        "drift",
        Order("core.transfer.drift:batch_norm_drift", arguments),
        _drift,
        button="Send ten batches through",
        about="All parameters are frozen. What do ten batches of your photos do to it?",
    )
    code_panel(snippets.frozen_statistics(), "Show the code: frozen, and yet it moves")


def _drift(job: Job) -> None:
    steps = [each.batch for each in job.results]
    statistics, outputs = [each.statistics for each in job.results], [each.outputs for each in job.results]
    st.plotly_chart(
        more.drift_figure(steps, statistics, outputs),
        key="tl_drift_chart",
        alt=more.drift_alt(steps, statistics, outputs),
        config={"displayModeBar": False},
    )
    moved = outputs[-1]
    st.markdown(
        f"After {steps[-1]} batches the running statistics have moved by **{statistics[-1]:.1%}** and the outputs for "
        f"the same photos by **{moved:.1%}**, without one gradient step."
        + (
            " In evaluation mode nothing moves."
            if not moved
            else " This app keeps frozen parts in evaluation mode."
        )
    )
