"""The Leak view: why only the training set is augmented, and what a leak pretends to gain."""

from collections.abc import Sequence

import streamlit as st

from core.augmentation import Chain, transform
from core.augmentation.formulas import unreal_gain
from core.augmentation.laboratory import leak_order
from core.augmentation.leak import WAYS, LeakRun, Way, leak_summary
from core.augmentation.text import chain_to_text
from core.figures import augmentation_leak as figures
from core.jobs import Job, Order
from core.photo import Photo
from core.snippets import augmentation_leak as snippets
from pages.foundations import augmentation_lab as lab
from pages.shared import controls, jobs
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.lesson import Question, ask
from pages.shared.turns import fragment

GENTLE, MINE = "gentle turns and shifts", "your chain"
SAYS: dict[Way, str] = {
    "split": "**Right.** The validation set holds other digits, untouched: it answers how good the network is on new "
    "pictures.",
    "leak": "**A leak.** Copies of one digit lie on both sides: the network is asked about pictures whose siblings it "
    "has learned.",
    "augmented validation": "**Another question.** No leak, but it reports how well *augmented* pictures are told "
    "apart, which nobody will bring.",
}
_ANSWERS: dict[str, Way] = {figures.TITLES[way]: way for way in WAYS}


def leak_view(photo: Photo, chain: Chain, seed: int) -> None:
    """Three ways to make the sets, each drawn; then the networks trained in all three."""
    for column, way in zip(st.columns(3, gap="medium"), WAYS, strict=True):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{figures.TITLES[way]}**")
            st.image(_sets(way), alt=figures.sets_alt(way), width="stretch")
            st.markdown(SAYS[way])
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        order = _order(chain)
        run = lab.mine(order)
        active = run is not None and run.active
        st.button(
            "Train them",
            type="primary",
            icon=":material/play_arrow:",
            key="aug_leak_go",
            on_click=lab.start,
            args=(order,),
            disabled=active or lab.known(order) is not None,
        )
        veiled = ask(_questions(), "aug_leak")
    fragment(_stage, run_every=jobs.EVERY_S if active else None)(order, bool(veiled))


def _order(chain: Chain) -> Order:
    """What the controls ask for."""
    seeds = controls.slider("Seeds", "aug_leak_seeds", 6, 1, 20, width=150)
    originals = controls.slider("Digits", "aug_leak_digits", 80, 40, 400, 20, width=170)
    copies = controls.slider("Copies of each", "aug_leak_copies", 6, 1, 10, width=150)
    how = controls.choice("Copies by", "aug_leak_chain", GENTLE, (GENTLE, MINE))
    if how == MINE and not _fits(chain):
        st.caption(
            ":material/info: Your chain changes the size, mixes, or is empty: gentle copies are made instead."
        )
    return leak_order(seeds, originals, copies, chain_to_text(chain) if how == MINE and _fits(chain) else "")


def _fits(chain: Chain) -> bool:
    """A digit must keep its size and needs no second photo."""
    names = {step.transform for step in chain.all_steps}
    sized = names & {"crop", "resized_crop", "resize"}
    return bool(names) and not sized and all(transform(name).kind not in ("mix", "policy") for name in names)


def _stage(order: Order, veiled: bool) -> None:
    """The runs as they stand; drawn again and again while they come in."""
    run = lab.mine(order)
    jobs.follow(run, key="aug_leak", what="Networks")
    runs = _runs(order, run)
    if not runs:
        if run is None:
            networks = len(WAYS) * order.arguments["seeds"]
            st.info(
                f"Press “Train them”: {networks} networks, three for each seed, are trained in seconds, and what "
                "each reports is held against what it can really do.",
                icon=":material/play_circle:",
            )
        return
    if veiled:
        st.info("Hidden until you have made your prediction.", icon=":material/visibility_off:")
        return
    _results(runs)


def _runs(order: Order, run: Job | None) -> Sequence[LeakRun]:
    """What has arrived, from this visitor's run or from an equal one of someone else's."""
    return lab.known(order) or (run.results if run else ())


def _results(runs: Sequence[LeakRun]) -> None:
    summaries = leak_summary(runs)
    by_way = {each.way: each for each in summaries}
    chart, cards = st.columns([8, 4], gap="medium")
    with chart:
        st.plotly_chart(
            figures.leak_figure(runs, summaries),
            key="aug_leak_chart",
            alt=figures.leak_alt(summaries),
            config={"displayModeBar": False},
        )
        st.caption(
            "A line is one seed. Real: the same network on 800 fresh digits, untouched or augmented as its validation "
            "set is."
        )
    with cards:
        if "leak" in by_way:
            show_formula(unreal_gain(by_way["leak"]))
        if "split" in by_way:
            show_formula(unreal_gain(by_way["split"]))
    if len(by_way) == len(WAYS):
        _sentences(runs, by_way)
        code_panel(snippets.gain([run for run in runs if run.way == "leak"]))
        code_panel(snippets.split(), "Show the code: a split that does not leak")


def _sentences(runs: Sequence[LeakRun], by_way: dict) -> None:
    leak, split, both = (by_way[way] for way in ("leak", "split", "augmented validation"))
    last = next(run for run in runs if run.way == "leak")
    st.markdown(
        f"With the leak, **{last.shared}** digits are in both sets. Its networks report **{leak.reported:.1%}** and "
        f"reach **{leak.real:.1%}**: {100 * leak.unreal:+.1f} points that are not real. Split first: "
        f"{100 * split.unreal:+.1f} points, chance. Augmenting the validation set lowers the report to "
        f"**{both.reported:.1%}**, though the networks are those of the clean split, which reach {both.clean:.1%} on "
        "untouched digits."
    )


def _questions() -> tuple[Question, ...]:
    return (
        Question(
            "leak_which",
            "Which way reports more than its networks can do?",
            figures.TITLES["leak"],
            "Copies of one original on both sides: the validation set asks about what was learned by heart.",
            tuple(_ANSWERS),
        ),
    )


@st.cache_data(max_entries=3, show_spinner=False)
def _sets(way: Way) -> str:
    return figures.sets_svg(way)
