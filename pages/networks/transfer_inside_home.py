"""Take home: downloads of a trained network, and the way back in."""

import streamlit as st

from core.networks.file_label import label_of
from core.transfer import export
from core.transfer.steps import Trained
from pages.networks.features_own import bring_labelled
from pages.networks.transfer_runs import Training
from pages.shared import allowance, session
from pages.shared.heavy import heavy
from pages.shared.plain_text import plain

_READY, _ERROR, _TURN, _TAKEN = (
    "transfer_package",
    "transfer_load_error",
    "transfer_load_turn",
    "transfer_loaded",
)


def home_section(found: Training | None) -> None:
    """Downloads on the left, loading on the right."""
    left, right = st.columns(2, gap="large")
    if found is not None:
        with left:
            _downloads(found.trained)
    with right:
        _load()


def _downloads(trained: Trained) -> None:
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
    st.markdown(
        "**Everything**: the file, the network as ONNX, a script that sorts a folder of pictures, a README."
    )
    held = session.held(_READY)
    if held is None or held[0] is not trained.weights:
        st.button("Pack it", icon=":material/inventory_2:", key="tl_pack", on_click=_pack, args=(trained,))
        return
    st.download_button(
        f"network.zip ({len(held[1]) / 1e6:.1f} MB)",
        held[1],
        "network.zip",
        icon=":material/download:",
        key="tl_package",
        on_click="ignore",
    )


def _pack(trained: Trained) -> None:
    with heavy():
        session.assign({_READY: (trained.weights, export.package(trained))})


def _load() -> None:
    st.markdown(
        "**Load one back**: a `.safetensors` file from this page. It opens as your own network on Features."
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
