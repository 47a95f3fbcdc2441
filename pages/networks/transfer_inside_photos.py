"""How many photos: the learning curve of a new head over the photos per class."""

import numpy as np
import streamlit as st

from core.figures import transfer_more as figures
from core.jobs import Job, Order
from pages.networks.transfer_runs import Training
from pages.networks.transfer_works import on_demand
from pages.shared import controls


def photos_section(found: Training) -> None:
    """Fewer photos of the same training part, several times each."""
    recipe = found.trained.recipe
    repeats = controls.slider("Repeats", "tl_repeats", 5, 1, 20, width=200)
    arguments = {
        "photos": found.photos,
        "split": found.split,
        "network": recipe.network,
        "size_px": recipe.size_px,
        "repeats": repeats,
        "seed": recipe.seed,
    }
    on_demand(
        "curve",
        Order("core.transfer.learning_curve:learning_curve", arguments),
        _curve,
        button="Measure",
        about="A head on ImageNet's features, with 1, 2, 4, … photos a class; the same photos judge it every time.",
    )


def _curve(job: Job) -> None:
    points = [
        (each.per_class, float(np.mean(each.accuracies)), min(each.accuracies), max(each.accuracies))
        for each in job.results
    ]
    st.plotly_chart(
        figures.curve_figure(points),
        key="tl_curve_chart",
        alt=figures.curve_alt(points),
        config={"displayModeBar": False},
    )
    if len(points) > 1 and job.state == "done":
        gain = points[-1][1] - points[-2][1]
        more = (
            "More photos would probably help."
            if gain > 0.02
            else "More photos of the same kind would hardly help."
        )
        st.markdown(
            f"The last step, from {points[-2][0]} to {points[-1][0]} photos a class, brought **{100 * gain:+.1f} "
            f"points**. {more}"
        )
