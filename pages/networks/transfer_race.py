"""The Race view: several approaches on the same photos, seed and budget, and whether they really differ."""

from dataclasses import replace

import streamlit as st

from core.figures import transfer as figures
from core.jobs import Job, Order
from core.snippets import transfer as snippets
from core.transfer.formulas import pair_formula
from core.transfer.race import RaceResult, race_result
from core.transfer.recipe import Recipe
from core.transfer.significance import photos_to_tell
from core.transfer.steps import Trained
from pages.networks import transfer_set as sets
from pages.networks import transfer_settings as settings
from pages.networks.transfer_runs import RACE, Training, about_set, epochs_of, title_of, trained_of, why_not
from pages.networks.transfer_source import is_usable, stages_for
from pages.shared import controls, jobs
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.heavy import pytorch_loads
from pages.shared.lesson import Question, ask
from pages.shared.turns import fragment

WORK = "core.transfer.race:race"
LANES = {
    "new head": ("features", 1),
    "last two stages": ("tune", 2),
    "everything": ("tune", 1000),
    "from scratch": ("scratch", 1000),
}
_SIDE = 96


def race_view() -> None:
    """Lanes and budget above, the race below."""
    top, waiting, below = st.container(), st.empty(), st.container()
    pytorch_loads(waiting)
    with top.container(horizontal=True, vertical_alignment="bottom"):
        network = controls.select("Network", "network", settings.NETWORKS[0], settings.NETWORKS, width=210)
        chosen = controls.several("Who races", "tl_lanes", tuple(LANES), tuple(LANES), len(LANES), width=430)
        updates = controls.choices_slider(
            "Updates of each", "tl_updates", 40, (5, 10, 20, 40, 80, 160, 320), width=150
        )
        seconds = controls.choices_slider(
            "Seconds of each", "tl_seconds", 30, (5, 10, 20, 30, 60, 120, 300), width=150
        )
        with st.popover("Settings", icon=":material/tune:"):
            stages_for(network)  # before anything that needs PyTorch is asked of the settings
            base = settings.choose_settings(network, settings.Chosen("tune", 1))
        lesson = st.container(width="content")
    waiting.empty()
    with below:
        _set_up(tuple(chosen), base, updates, seconds, lesson)


def _lane(base: Recipe, name: str) -> Recipe:
    """The recipe of a lane: everything but the approach is the same for all."""
    approach, stages = LANES[name]
    side = base.size_px if base.size_px != settings.SIDE["tune"] else _SIDE
    return replace(base, approach=approach, stages=stages, size_px=side)  # type: ignore[arg-type]


def _set_up(
    chosen: tuple[str, ...],
    base: Recipe,
    updates: int,
    seconds: int,
    lesson: st.delta_generator.DeltaGenerator,
) -> None:
    photos, split = sets.current_set(), sets.current_split()
    recipes = tuple(_lane(base, name) for name in chosen)
    usable = all(lane.approach == "scratch" for lane in recipes) or is_usable(base.network, "tune")
    job = jobs.mine(RACE)
    active = job is not None and job.active
    reason = why_not(photos, split) or (
        "" if len(recipes) > 1 else "A race has at least two lanes: choose another."
    )
    with lesson:
        veiled = ask(_questions(job), "tl")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Race",
            type="primary",
            icon=":material/flag:",
            key="tl_race_go",
            on_click=_start,
            args=(recipes, updates, float(seconds)),
            disabled=active or bool(reason) or not usable,
        )
        st.caption(
            reason or f"{about_set(photos, split)} Squares of {recipes[0].size_px} px for all.",
            width="content",
        )
    fragment(_stage, run_every=jobs.EVERY_S if active else None)(bool(veiled))
    code_panel(snippets.wilson(18, 20), "Show the code: how sure an accuracy is")


def _start(recipes: tuple[Recipe, ...], updates: int, seconds: float) -> None:
    """Race on the present set."""
    given = {"photos": sets.current_set(), "split": sets.current_split()}
    jobs.start(RACE, Order(WORK, given | {"recipes": recipes, "updates": updates, "seconds": seconds}))


def _stage(veiled: bool) -> None:
    job = jobs.mine(RACE)
    jobs.follow(job, key="tl_race", what="Race")
    if job is None:
        st.info(
            "Press **Race**: the lanes train one after the other, all with the same photos, seed and budget.",
            icon=":material/play_circle:",
        )
        return
    if veiled:
        st.info("Hidden until you have made your prediction.", icon=":material/visibility_off:")
        return
    _watched(job)


def _watched(job: Job) -> None:
    arguments = job.order.arguments
    names = [title_of(recipe) for recipe in arguments["recipes"]]
    lanes = [(name, epochs_of(job, lane)) for lane, name in enumerate(names)]
    lanes = [(name, epochs) for name, epochs in lanes if epochs]
    if not lanes:
        return
    asked = len(arguments["split"].validation)
    if asked:
        st.plotly_chart(
            figures.race_figure(lanes, asked),
            key="tl_race_chart",
            alt=figures.race_alt(lanes),
            config={"displayModeBar": False},
        )
    trained = trained_of(job)
    if len(trained) > 1:
        _verdict(job, names, trained)


def result_of(job: Job | None) -> tuple[RaceResult, str] | None:
    """The verdict over the lanes that are done, and the part that judged; None before there are two."""
    trained = trained_of(job)
    if job is None or len(trained) < 2:
        return None
    arguments = job.order.arguments
    found = [Training("", arguments["photos"], arguments["split"], each) for each in trained]
    numbers, _, part = found[0].judged
    if not numbers:
        return None
    names = [title_of(each.recipe) for each in trained]
    return race_result(names, [each.judged[1] for each in found], found[0].labels(numbers)), part


def _verdict(job: Job, names: list[str], trained: tuple[Trained, ...]) -> None:
    found = result_of(job)
    if found is None:
        return
    result, part = found
    st.markdown(f":material/gavel: **{result.sentence}**")
    chart, cards = st.columns([7, 5], gap="medium")
    rows = [
        (name, lane.right / lane.of, *lane.interval) for name, lane in zip(names, result.lanes, strict=False)
    ]
    with chart:
        st.plotly_chart(
            figures.whisker_figure(rows, f"{part} accuracy with its 95 % interval"),
            key="tl_race_result",
            alt=figures.whisker_alt(rows, f"{part} accuracy"),
            config={"displayModeBar": False},
        )
        for name, each in zip(names, trained, strict=False):
            cost = f"{each.trainable:,} parameters, {each.seconds:.1f} s, {each.photos:,} photos"
            st.caption(f"**{name}**: {cost}. {each.why}")
    with cards:
        closest = min(result.compared, key=lambda pair: pair.p)
        show_formula(pair_formula(closest, names[closest.first], names[closest.second]))
        _needed(rows)


def _needed(rows: list[tuple[str, float, float, float]]) -> None:
    """How many photos it would take to tell the best two apart."""
    best, second = sorted((row[1] for row in rows), reverse=True)[:2]
    if best > second:
        photos = photos_to_tell(best, second)
        st.caption(
            f"To tell {best:.0%} from {second:.0%} four times in five takes about {photos:,.0f} photos for each lane."
        )


def _questions(job: Job | None) -> tuple[Question, ...]:
    """What a class may bet on before it looks."""
    found = result_of(job)
    told = found is not None and any(pair.significant for pair in found[0].compared)
    choices = ("yes, at least one", "no, it may all be chance")
    return (
        Question(
            "race_told",
            "Are so few photos enough to say that one lane is better than another?",
            choices[0] if told else choices[1],
            found[0].sentence if found else "No race has been run yet: run one, then ask again.",
            choices,
        ),
    )
