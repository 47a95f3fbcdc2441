"""The advisor: where this set stands between few and many, like and unlike ImageNet, and what that advises."""

from dataclasses import replace

import streamlit as st

from core.figures import transfer_more as figures
from core.jobs import Job, Order
from core.transfer.advice import SMALL_BELOW, Advice
from core.transfer.formulas import nearest_mean_formula
from core.transfer.recipe import Recipe
from core.transfer.samples import PhotoSet
from core.transfer.split import Split
from pages.networks import transfer_settings as settings
from pages.networks.transfer_runs import RACE, title_of
from pages.networks.transfer_works import on_demand
from pages.shared import jobs, session
from pages.shared.formula_view import show_formula

_UPDATES, _SECONDS = 40, 30.0


def advisor_section(photos: PhotoSet, split: Split, recipe: Recipe, *, disabled: bool) -> None:
    """The button, the two-by-two, the advice, and a race that tests it."""
    with st.expander(
        "Which approach does the textbook advise for these photos?", icon=":material/psychology:"
    ):
        on_demand(
            "advice",
            Order("core.transfer.advisor:advise", {"photos": photos, "split": split, "recipe": recipe}),
            _advice,
            button="Ask",
            about="Size is counted; similarity is measured with the untouched network.",
            disabled=disabled,
        )


def _advice(job: Job) -> None:
    found: Advice = job.results[-1]
    measured = found.measured
    numbers = (
        measured.per_class,
        SMALL_BELOW,
        measured.accuracy,
        *measured.interval,
        measured.similarity_edge,
        measured.chance,
    )
    chart, cards = st.columns([7, 5], gap="medium")
    with chart:
        st.plotly_chart(
            figures.advisor_figure(*numbers),
            key="tl_advisor",
            alt=figures.advisor_alt(*numbers),
            config={"displayModeBar": False},
        )
        st.caption(
            f"{SMALL_BELOW} photos a class and {measured.similarity_edge:.0%} (three quarters of the way from chance "
            "to all right) are conventions of this app; the textbook says “small” and “similar” without numbers."
        )
    with cards:
        st.markdown(f"**{found.quadrant[0].upper()}{found.quadrant[1:]}: {found.approach}.** {found.why}")
        show_formula(nearest_mean_formula(measured))
        st.caption(
            f"ImageNet's own head is {measured.confidence:.0%} sure on average, {measured.entropy:.1f} bits in doubt."
        )
        follows, contradicts = title_of(found.follows), title_of(found.contradicts)
        st.button(
            f"Test it: {follows} against {contradicts}",
            icon=":material/flag:",
            key="tl_test_advice",
            on_click=_test,
        )


def _test() -> None:
    """Race the advice against its opposite, and go there."""
    job = jobs.mine("advice")
    if job is None or not job.results:
        return
    found: Advice = job.results[-1]
    side = min(found.follows.size_px, settings.SIDE["scratch"])
    given = {"photos": job.order.arguments["photos"], "split": job.order.arguments["split"]}
    recipes = tuple(_sized(each, side) for each in (found.follows, found.contradicts))
    order = Order(
        "core.transfer.race:race", given | {"recipes": recipes, "updates": _UPDATES, "seconds": _SECONDS}
    )
    jobs.start(RACE, order)
    session.assign({"tl_view": "Race"})


def _sized(recipe: Recipe, side: int) -> Recipe:

    return replace(recipe, size_px=side)
