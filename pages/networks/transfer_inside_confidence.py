"""Confidence: the reliability diagram and the expected calibration error."""

import streamlit as st

from core.figures import transfer_after as figures
from core.transfer.evaluation import calibration
from core.transfer.formulas import calibration_formula, smoothed_target
from pages.networks.transfer_runs import Training
from pages.shared.formula_view import show_formula


def confidence_section(found: Training) -> None:
    """Bins of confidence against accuracy."""
    numbers, shares, part = found.judged
    if not numbers:
        st.info("There was no photo left to judge it with: bring more photos.", icon=":material/info:")
        return
    result = calibration(shares, found.labels(numbers))
    bins = [(each.confidence, each.accuracy, each.count) for each in result.bins]
    chart, cards = st.columns([7, 5], gap="medium")
    with chart:
        st.plotly_chart(
            figures.reliability_figure(bins),
            key="tl_reliability",
            alt=figures.reliability_alt(bins),
            config={"displayModeBar": False},
        )
        st.caption(
            f"{len(numbers)} photos of the {part} part, in bins of their confidence: with so few, bars jump."
        )
    with cards:
        show_formula(calibration_formula(result.bins, result.error))
        show_formula(smoothed_target(len(found.photos.classes), found.trained.recipe.label_smoothing))
        mean = float(shares.max(1).mean())
        right = float((shares.argmax(1) == found.labels(numbers)).mean())
        way = "more" if mean > right else "less"
        st.markdown(
            f"It says **{mean:.0%}** on average and is right **{right:.0%}** of the time: {way} sure than it is right. "
            f"Brier score {result.brier:.3f}."
        )
