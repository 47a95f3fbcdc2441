"""The Take home view: the chain as code and as a recipe, a recipe opened again, and the variants as a zip."""

from functools import partial

import streamlit as st

from core.augmentation import Chain, draw_variant, result_hw
from core.augmentation.marks import Marks
from core.augmentation.package import PIXELS_MOST, VARIANTS_MOST, pack
from core.augmentation.recipe import from_yaml, to_yaml
from core.photo import Photo
from core.snippets.augmentation import albumentations_code, torchvision_code
from pages.foundations.augmentation_chain import load_chain, second_photo
from pages.foundations.augmentation_targets import LEAST, marks_field
from pages.shared import controls, session
from pages.shared.plain_text import plain

TORCHVISION, ALBUMENTATIONS, YAML = "torchvision", "Albumentations", "YAML"
_LANGUAGES = {TORCHVISION: "python", ALBUMENTATIONS: "python", YAML: "yaml"}
_TURN, _ERROR, _OPENED = "augmentation_recipe_turn", "augmentation_recipe_error", "augmentation_recipe_opened"


def home_view(photo: Photo, chain: Chain, seed: int) -> None:
    """Draw the code on the left; opening a recipe and downloading on the right."""
    above, foot = st.container(), st.container()
    with foot:
        marks = marks_field(photo)
    left, right = above.columns((7, 5), gap="large")
    with left:
        _code(chain)
    with right:
        _zip(photo, chain, seed, marks)
        _recipe(chain)


def _code(chain: Chain) -> None:
    form = controls.choice("The chain as", "aug_code", TORCHVISION, tuple(_LANGUAGES))
    text = {TORCHVISION: torchvision_code, ALBUMENTATIONS: albumentations_code, YAML: to_yaml}[form](chain)
    st.code(text, language=_LANGUAGES[form], height=min(600, 60 + 24 * text.count("\n")))
    if form == ALBUMENTATIONS:
        st.caption("Written for Albumentations 2.0.8; where it has nothing like a step, the line says so.")


def _recipe(chain: Chain) -> None:
    """Save the chain, and open a saved one."""
    with st.container(border=True):
        st.markdown("**The chain as a recipe**")
        st.download_button(
            "Save chain.yaml",
            to_yaml(chain),
            "chain.yaml",
            "text/yaml",
            icon=":material/save:",
            on_click="ignore",
        )
        key = f"augmentation_recipe_{session.held(_TURN, 0)}"
        st.file_uploader("Open a recipe", key=key, on_change=_receive, args=(key,), max_upload_size=1)  # MB
        if session.held(_ERROR):
            st.error(plain(session.held(_ERROR)), icon=":material/description:")
        elif session.held(_OPENED):
            st.success(f"Opened {plain(session.held(_OPENED))}.", icon=":material/check_circle:")


def _receive(key: str) -> None:
    """Take a recipe in: the chain of the link becomes its chain, or one sentence why not."""
    file = session.held(key)
    if file is None:
        return
    error = ""
    try:
        load_chain(from_yaml(file.getvalue()))
    except ValueError as problem:
        error = str(problem)
    session.release_upload(file)
    session.assign({_ERROR: error, _OPENED: file.name, _TURN: session.held(_TURN, 0) + 1})


def _zip(photo: Photo, chain: Chain, seed: int, marks: Marks) -> None:
    """Variants at full size with their tables, made when the button is pressed."""
    with st.container(border=True):
        st.markdown("**Variants as a zip**")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            count = controls.number("Variants", "aug_zip", 16, 1, VARIANTS_MOST, width=140)
            least = controls.slider(*LEAST, width=170)
        hw = photo.pixels.shape[:2]
        second = second_photo(photo).pixels if chain.mixes else None
        targets = marks.targets(hw)
        pixels = sum(h * w for h, w in (result_hw(draw_variant(chain, hw, seed, i)) for i in range(count)))
        fits = pixels <= PIXELS_MOST
        if not fits:
            st.caption(
                f":material/info: A zip holds {PIXELS_MOST // 10**6} megapixels at most; these variants have "
                f"{pixels / 10**6:.0f}. Take fewer, or add a step that resizes."
            )
        st.download_button(
            f"Download {count} variants",
            partial(pack, chain, photo.pixels, count, seed, targets, second=second, min_visible=least / 100),
            "variants.zip",
            "application/zip",
            icon=":material/download:",
            type="primary",
            disabled=not fits,
            on_click="ignore",
            key="augmentation_zip",
        )
        st.caption(
            f"PNG files of {_size(hw)}, or what the chain makes of it; draws.csv with everything that was drawn; "
            "boxes, keypoints and masks of the Targets view; chain.yaml. Files count from 000, which is number 1 "
            "of the grid."
        )


def _size(hw: tuple[int, int]) -> str:
    return f"{hw[1]} × {hw[0]} px"
