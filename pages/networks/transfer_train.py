"""The Train view: choose what trains, press start, watch the network learn your classes."""

import math
from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.figures import transfer as figures
from core.figures.transfer_rates import rate_course_alt, rate_course_figure
from core.jobs import Job, Order
from core.snippets import transfer as snippets
from core.transfer.evaluation import confusion, right_of
from core.transfer.formulas import accuracy_formula, start_loss
from core.transfer.recipe import Recipe
from core.transfer.samples import PhotoSet
from core.transfer.split import Split
from core.transfer.stages import Stage
from core.transfer.steps import Epoch, Trained
from pages.networks import transfer_set as sets
from pages.networks import transfer_settings as settings
from pages.networks.transfer_advisor import advisor_section
from pages.networks.transfer_lesson import train_questions
from pages.networks.transfer_rate import rate_section
from pages.networks.transfer_runs import TRAIN, Training, about_set, epochs_of, title_of, trained_of, why_not
from pages.networks.transfer_samples import class_chart, sample_row
from pages.networks.transfer_source import head_parameters, is_usable, stages_for
from pages.shared import controls, jobs
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.heavy import pytorch_loads
from pages.shared.lesson import ask
from pages.shared.plain_text import plain
from pages.shared.turns import fragment

WORK = "core.transfer.training:fine_tune"


def train_view() -> None:
    """Settings above, the run below."""
    top, waiting, below = st.container(), st.empty(), st.container()
    pytorch_loads(waiting)
    with top.container(horizontal=True, vertical_alignment="bottom"):
        network = controls.select("Network", "network", settings.NETWORKS[0], settings.NETWORKS, width=210)
        stages = stages_for(network)
        chosen = settings.choose_approach(len(stages))
        with st.popover("Settings", icon=":material/tune:"):
            recipe = settings.choose_settings(network, chosen)
        lesson = st.container(width="content")
    waiting.empty()
    with below:
        _set_up(stages, chosen, recipe, lesson)


def _set_up(
    stages: Sequence[Stage],
    chosen: settings.Chosen,
    recipe: Recipe,
    lesson: st.delta_generator.DeltaGenerator,
) -> None:
    """The strip, the button, and the run."""
    photos, split = sets.current_set(), sets.current_split()
    head = head_parameters(recipe.network, len(photos.classes))
    job = jobs.mine(TRAIN)
    active = job is not None and job.active
    st.caption(settings.SAYS[chosen.approach])
    settings.strip(stages, chosen, head, disabled=active)
    usable = is_usable(recipe.network, chosen.approach)
    with lesson:
        veiled = ask(train_questions(stages, chosen.stages, head, split, recipe), "tl")
    reason = why_not(photos, split)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Train",
            type="primary",
            icon=":material/play_arrow:",
            key="tl_go",
            on_click=_start,
            args=(recipe,),  # never the photos: Streamlit keeps what a widget was given
            disabled=active or bool(reason) or not usable,
        )
        st.caption(reason or about_set(photos, split), width="content")
    fragment(_stage, run_every=jobs.EVERY_S if active else None)(bool(veiled))
    advisor_section(photos, split, recipe, disabled=bool(reason) or not usable)
    rate_section(photos, split, recipe, disabled=bool(reason) or not usable)
    code_panel(
        snippets.training(recipe, photos.classes),
        "Show the code: such a training in PyTorch, on a small network",
    )


def _start(recipe: Recipe) -> None:
    """Train on the present set."""
    given = {"photos": sets.current_set(), "split": sets.current_split(), "recipe": recipe}
    jobs.start(TRAIN, Order(WORK, given))


def _stage(veiled: bool) -> None:
    """The run as it stands; drawn again and again while it is on."""
    job = jobs.mine(TRAIN)
    jobs.follow(job, key="tl", what=title_of(job.order.arguments["recipe"]) if job else "")
    if job is None:
        st.info(
            "Press **Train**: the network learns these classes in a process of its own, and you watch.",
            icon=":material/play_circle:",
        )
        return
    epochs = epochs_of(job)
    if not epochs:
        return
    if veiled:
        st.info("Hidden until you have made your prediction.", icon=":material/visibility_off:")
        return
    watched(job, epochs, next(iter(trained_of(job)), None))


def watched(job: Job, epochs: tuple[Epoch, ...], trained: Trained | None) -> None:
    """The curves, the numbers beside them, and what the network says of photos it does not train on."""
    arguments = job.order.arguments
    photos, split = arguments["photos"], arguments["split"]
    chart, cards = st.columns([8, 4], gap="medium")
    best = trained.best_epoch if trained else None
    with chart:
        st.plotly_chart(
            figures.learning_figure(epochs, len(split.validation), best, total=arguments["recipe"].epochs),
            key="tl_learning",
            alt=figures.learning_alt(epochs, best),
            config={"displayModeBar": False},
        )
        last = epochs[-1]
        if last.updates:
            st.plotly_chart(
                rate_course_figure(epochs),
                key="tl_rate_course",
                alt=rate_course_alt(epochs),
                config={"displayModeBar": False},
            )
        st.caption(
            f"{last.photos:,} photos and {last.updates:,} updates in {last.seconds:.1f} s{_pace(epochs)}; "
            f"rate {last.rate:.2g}"
            + (f", trunk {last.trunk_rate:.2g}" if last.trunk_rate else "")
            + ". Training numbers are those of the batches as they were trained: with dropout, before each update."
        )
    with cards:
        if trained is not None:
            result_cards(Training("", photos, split, trained))
        else:
            _live_cards(epochs, len(split.validation), len(photos.classes))
    shown = epochs[-1] if trained is None else epochs[min(trained.best_epoch, len(epochs) - 1)]
    sample_row(photos, split, shown)
    _by_class(photos, split, shown)


def _pace(epochs: Sequence[Epoch]) -> str:
    """Seconds of an epoch, the mean so far."""
    if len(epochs) < 2:
        return ""
    return f", {(epochs[-1].seconds - epochs[0].seconds) / (len(epochs) - 1):.2g} s an epoch"


def _by_class(photos: PhotoSet, split: Split, epoch: Epoch) -> None:
    """How much of each class is recognised, as it stands."""
    labels = np.array([photos.samples[number].label for number in split.validation], np.int64)
    if len(labels):
        title = f"Share of each class that is recognised after epoch {epoch.number}, 95 % interval"
        class_chart(photos.classes, confusion(epoch.probabilities, labels), title, key="tl_live_classes")


def _live_cards(epochs: Sequence[Epoch], asked: int, classes: int) -> None:
    last = epochs[-1]
    if asked and not math.isnan(last.validation_accuracy):
        show_formula(accuracy_formula(round(last.validation_accuracy * asked), asked, "validation accuracy"))
    show_formula(start_loss(classes))


def result_cards(found: Training) -> None:
    """What a finished training reached, why it ended, and how sure that is."""
    trained = found.trained
    st.markdown(
        f":material/flag: {plain(trained.why)} Best epoch: **{trained.best_epoch}**. "
        f"{trained.trainable:,} of {trained.parameters:,} parameters trained: "
        f"{trained.trainable / trained.parameters:.1%}."
    )
    for part, numbers, shares in (
        ("validation", found.split.validation, trained.validation),
        ("test", found.split.test, trained.test),
    ):
        if numbers:
            right = int(right_of(shares, found.labels(numbers)).sum())
            show_formula(accuracy_formula(right, len(numbers), f"{part} accuracy"))
    if found.split.test:
        st.caption(
            "The best epoch was chosen on the validation part, which flatters it: the test part was asked once."
        )
