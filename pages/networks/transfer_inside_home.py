"""Take home: downloads of a trained network, and the way back in."""

import streamlit as st

from core.features.scene import Look
from core.jobs import Job, Order
from core.networks.file_label import label_of
from core.transfer.significance import wilson
from pages.networks.features_maps_source import record
from pages.networks.features_own import bring_labelled, brought
from pages.networks.transfer_inside_try import tried
from pages.networks.transfer_runs import Training, title_of
from pages.networks.transfer_works import on_demand
from pages.shared import allowance, session
from pages.shared.heavy import heavy
from pages.shared.plain_text import plain

_ERROR, _TURN, _TAKEN = "transfer_load_error", "transfer_load_turn", "transfer_loaded"


def home_section(found: Training | None) -> None:
    """Downloads on the left, loading on the right."""
    left, right = st.columns(2, gap="large")
    if found is not None:
        with left:
            _downloads(found)
    with right:
        _load()
    if session.held(_TAKEN) and brought():  # here, too, it is tried at once
        look = Look(brought())
        tried(look, record(look.network).categories)


def _downloads(found: Training) -> None:
    trained = found.trained
    size = len(trained.weights) / 1e6
    st.markdown(
        f"**The network as a file** ({size:.1f} MB), with architecture, classes and side written in it."
    )
    st.download_button(
        "network.safetensors",
        trained.weights,
        "network.safetensors",
        icon=":material/download:",
        key="tl_weights",
        on_click="ignore",
    )
    on_demand(
        "pack",
        Order("core.transfer.export:pack", {"weights": trained.weights, "said": _said(found)}),
        _package,
        button="Pack everything",
        about="The file, the network as ONNX, a script that sorts a folder of pictures, and a README.",
    )


def _package(job: Job) -> None:
    data = job.results[-1].data
    st.download_button(
        f"network.zip ({len(data) / 1e6:.1f} MB)",
        data,
        "network.zip",
        icon=":material/download:",
        key="tl_package",
        on_click="ignore",
    )


def _said(found: Training) -> str:
    """The README that goes with the network."""
    trained, (numbers, shares, part) = found.trained, found.judged
    recipe, known = trained.recipe, record(trained.recipe.network)
    lines = [
        f"{known.title}, trained with the ConvNet explorer ({title_of(recipe)}).",
        f"Classes: {', '.join(trained.classes)}.",
        f"Squares of {recipe.size_px} x {recipe.size_px} pixels.",
    ]
    if numbers:
        right, of = int((shares.argmax(1) == found.labels(numbers)).sum()), len(numbers)
        low, high = wilson(right, of)
        lines.append(
            f"{right} of {of} photos of the {part} part right (95 % interval {low:.0%} to {high:.0%})."
        )
    if recipe.approach != "scratch":
        lines.append(
            f"It began with {known.weights.source}; licence of these weights: {known.weights.licence}."
        )
    lines.append(
        "classify.py needs torch, torchvision or timm, safetensors and Pillow: python classify.py FOLDER"
    )
    return "\n".join(lines) + "\n"


def _load() -> None:
    st.markdown(
        "**Load one back**: a `.safetensors` file from this page. It is tried here and is your own on Features."
    )
    allowance.expect_weights()
    turn = session.held(_TURN, 0)  # a new key empties the widget once its file has been taken in
    file = st.file_uploader(
        "A .safetensors file from here",
        key=f"transfer_file_{turn}",
        max_upload_size=allowance.WEIGHTS_MIB,
        help="Nothing in it is executed. It stays in the memory of this session.",
    )
    if file is not None:
        _take(file)
    if session.held(_ERROR):
        st.error(plain(session.held(_ERROR)), icon=":material/error:")
    elif session.held(_TAKEN):
        st.success(f"Here again: {plain(session.held(_TAKEN))}.", icon=":material/check_circle:")


def _take(file: object) -> None:
    data = file.getvalue()  # type: ignore[attr-defined]
    label = label_of(data)
    try:
        if label is None:
            raise ValueError(
                "This file was not written by this page: bring it under “your own” on the Features page."
            )
        with heavy(), st.spinner("Reading the network …"):
            bring_labelled(data, label)
        session.assign({_ERROR: "", _TAKEN: f"{label.architecture} for {', '.join(label.classes[:6])}"})
    except ValueError as error:  # a CheckpointError, or no label
        session.assign({_ERROR: str(error)})
        return
    session.release_upload(file)  # type: ignore[arg-type]
    session.assign({_TURN: session.held(_TURN, 0) + 1})
