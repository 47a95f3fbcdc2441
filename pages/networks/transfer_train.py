"""The Train view: choose what trains, press start, watch the network learn your classes."""

import math

import streamlit as st

from core.figures import transfer as figures
from core.jobs import Job, Order
from core.snippets import transfer as snippets
from core.transfer.formulas import accuracy_formula, cosine_formula
from core.transfer.recipe import Recipe
from core.transfer.samples import PhotoSet
from core.transfer.split import Split
from core.transfer.steps import Epoch, Trained
from pages.networks import transfer_settings as settings
from pages.networks.transfer_advisor import advisor_section
from pages.networks.transfer_lesson import train_questions
from pages.networks.transfer_rate import rate_section
from pages.networks.transfer_runs import TRAIN, epochs_of, title_of, trained_of
from pages.networks.transfer_set import current_set, current_split, why_not
from pages.networks.transfer_source import stages_for, usable_network
from pages.shared import controls, jobs
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.heavy import pytorch_loads
from pages.shared.lesson import ask
from pages.shared.long_run import just_ended
from pages.shared.plain_text import plain
from pages.shared.tiles import tiles
from pages.shared.turns import fragment

WORK = "core.transfer.training:fine_tune"


@fragment
def train_view() -> None:
    """Settings above, the run below."""
    photos, split = current_set(), current_split()
    reason = why_not(photos, split)
    waiting = st.empty()
    pytorch_loads(waiting, "tl_train_seen")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        network = controls.select("Network", "network", settings.NETWORKS[0], settings.NETWORKS, width=210)
        stages = stages_for(network)
        chosen = settings.choose_approach(stages, network)
        with st.popover("Settings", icon=":material/tune:"):
            recipe = settings.choose_settings(chosen)
        lesson = st.container(width="content")
    waiting.empty()
    st.caption(settings.SAYS[chosen.approach])
    usable = usable_network(network, chosen.approach)
    job = jobs.mine(TRAIN)
    active = job is not None and job.active
    settings.strip(stages, chosen, len(photos.classes), disabled=active)
    with lesson:
        veiled = ask(train_questions(stages, chosen, photos, split, recipe), "tl")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Train",
            type="primary",
            icon=":material/play_arrow:",
            key="tl_go",
            on_click=jobs.start,
            args=(TRAIN, Order(WORK, {"photos": photos, "split": split, "recipe": recipe})),
            disabled=active or bool(reason) or not usable,
        )
        st.caption(reason or _about(photos, split), width="content")
    fragment(_stage, run_every=jobs.EVERY_S if active else None)(bool(veiled))
    advisor_section(photos, split, recipe)
    rate_section(photos, split, recipe)
    code_panel(snippets.training(recipe, photos.classes), "Show the code: this training in PyTorch")


def _about(photos: PhotoSet, split: Split) -> str:
    parts = [f"{len(split.training)} photos train", f"{len(split.validation)} choose the best epoch"]
    if split.test:
        parts.append(f"{len(split.test)} judge at the end")
    names = ", ".join(plain(name) for name in photos.classes[:4]) + (" …" if len(photos.classes) > 4 else "")
    return f"{names}: {', '.join(parts)}"


def _stage(veiled: bool) -> None:
    """The run as it stands; drawn again and again while it is on."""
    job = jobs.mine(TRAIN)
    if just_ended(job, "tl_train_active"):
        st.rerun()  # the last one: it ends the redrawing
    if job is None:
        st.info(
            "Press “Train”: the network learns your classes in a process of its own, and you watch.",
            icon=":material/play_circle:",
        )
        return
    recipe: Recipe = job.order.arguments["recipe"]
    jobs.panel(job, key="tl_stop", what=title_of(recipe))
    epochs = epochs_of(job)
    if not epochs:
        return
    if veiled:
        st.info("Hidden until you have made your prediction.", icon=":material/visibility_off:")
        return
    trained = trained_of(job)
    _watched(job, epochs, trained[0] if trained else None)


def _watched(job: Job, epochs: tuple[Epoch, ...], trained: Trained | None) -> None:
    photos: PhotoSet = job.order.arguments["photos"]
    split: Split = job.order.arguments["split"]
    best = trained.best_epoch if trained else None
    chart, cards = st.columns([8, 4], gap="medium")
    with chart:
        st.plotly_chart(
            figures.learning_figure(epochs, len(split.validation), best),
            key="tl_learning",
            alt=figures.learning_alt(epochs, best),
            config={"displayModeBar": False},
        )
    with cards:
        _numbers(epochs, split, trained)
    if len(split.validation):
        st.markdown("**What it says of photos it does not train on**")
        shown = figures.sample_tiles(photos, split.validation, epochs[-1].probabilities)
        tiles(
            shown, key="tl_samples", alt="Photos of the validation part and what the network says", columns=8
        )
    if trained is not None:
        _result(photos, split, trained)


def _numbers(epochs: tuple[Epoch, ...], split: Split, trained: Trained | None) -> None:
    last = epochs[trained.best_epoch] if trained and trained.best_epoch < len(epochs) else epochs[-1]
    if not math.isnan(last.validation_accuracy):
        right = round(last.validation_accuracy * len(split.validation))
        show_formula(accuracy_formula(right, len(split.validation), "validation accuracy"))
    if trained and split.test:
        labels = [trained_label for trained_label in split.test]
        del labels
    show_formula(cosine_formula(epochs[-1])) if False else None


def _result(photos: PhotoSet, split: Split, trained: Trained) -> None:
    st.markdown(f":material/flag: {plain(trained.why)} Best epoch: **{trained.best_epoch}**.")
