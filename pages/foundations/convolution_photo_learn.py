"""Learn this filter: gradient descent recovers a kernel from the photo and its output, or imitates a picture."""

from collections.abc import Callable
from operator import attrgetter
from typing import NamedTuple

import numpy as np
import streamlit as st

from core import bundled
from core.convolution.imitate import EFFECTS, SIZES, Imitation, effect, imitate, scaled
from core.convolution.learn import CLOSE_ENOUGH, INPUTS, METHODS, Descent, Inputs, Method, recover
from core.convolution.photo_layer import MIXES, Kernel, PhotoLayer, planes
from core.figures import convolution_photo as figures
from core.photo import Photo
from core.snippets import convolution_photo as snippets
from pages.foundations.convolution_photo_sections import show_code
from pages.foundations.convolution_photo_settings import chosen_kernel
from pages.shared import controls, session
from pages.shared.formula_view import show_formula
from pages.shared.learn_filter import learn_filter
from pages.shared.picture import picture
from pages.shared.plain_text import plain

_KEYS: dict[str | type, Callable] = {Photo: attrgetter("digest")}
KERNEL, PICTURE = "A kernel's output", "A picture"
_OF_THIS_PHOTO = "This photo, "
_VALLEY = (
    "The loss is a bowl with one lowest point. Neighbouring pixels are alike, so the bowl is a long narrow "
    "valley: steep where all weights grow together, nearly flat where they change sign from pixel to pixel. "
    "The step must be short for the steep direction and many are needed along the flat one. *Centred*: the mean "
    "is taken off, which makes the steepest direction less steep and is the same as learning a bias. *Momentum* "
    "remembers the direction of the valley. *Whitened*: the valley is stretched to a round bowl, whose gradient "
    "points straight at the bottom."
)


class _Way(NamedTuple):
    """How the descent goes: in words and numbers, which a cache can compare."""

    mix: tuple[float, float, float]
    inputs: Inputs
    method: Method
    seed: int


def learn_section(photo: Photo, layer: PhotoLayer) -> None:
    """Choose a target, watch the descent, see why it is quick or slow."""
    goal = controls.choice("Target", "conv_photo_goal", KERNEL, (KERNEL, PICTURE))
    kernel, name, size = None, "", SIZES[0]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        if goal == KERNEL:
            with st.container(width=220):
                kernel = chosen_kernel("conv_photo_target", "conv_photo_target_own", "Sobel x")
        else:
            name = _picture_name()
            size = controls.choice("Kernel size", "conv_photo_goal_size", SIZES[0], SIZES)
        way = _way(layer)
    try:
        if goal == PICTURE:
            _imitate(photo, name, size, way)
        elif kernel is not None:
            _recover(photo, kernel, way)
    except ValueError as error:
        st.info(plain(str(error)), icon=":material/texture:")


def _way(layer: PhotoLayer) -> _Way:
    inputs = controls.choice("Photo's values", "conv_photo_inputs", "centred", INPUTS)
    method = controls.choice("Method", "conv_photo_method", "momentum", METHODS)
    seed = controls.number("Seed", "seed", 0, 0, 9999, help="Of the random kernel at the start", width=120)
    return _Way(layer.mix or MIXES["Luminance"], inputs, method, seed)


def _recover(photo: Photo, kernel: Kernel, way: _Way) -> None:
    """The target is what a kernel makes of the photo: the descent finds that kernel."""
    descent, film = _recovered(photo, kernel, way)
    target = np.array(kernel)
    learn_filter(
        descent.frames,
        target,
        film,
        key="photo_learn_film",
        version=f"{photo.digest} {kernel} {way}",
        target_title="Kernel that made the target",
    )
    _outcome(descent, target)
    loss, condition = st.columns(2)
    with loss:
        show_formula(descent.bowl.loss_formula(descent.frames[-1].kernel))
    with condition:
        show_formula(descent.bowl.condition_formula())
    st.markdown(_VALLEY)
    if not descent.bowl.flat:
        show_code(snippets.learn(kernel, *way, descent.frames[-1].iteration))


def _outcome(descent: Descent, target: np.ndarray) -> None:
    last = descent.frames[-1]
    away = float(np.abs(last.kernel - target).max())
    if descent.bowl.flat:
        st.info(
            "The photo has too few different windows to tell all kernels apart: several kernels make the same "
            "output, and the descent found one of them.",
            icon=":material/texture:",
        )
    elif descent.reached:
        st.success(
            f"Found after {last.iteration:,} steps: no weight is further than {away:.2g} from the kernel that made "
            "the target.",
            icon=":material/check_circle:",
        )
    else:
        _stopped(descent, away)


def _stopped(descent: Descent, away: float) -> None:
    st.warning(
        f"Stopped after {descent.frames[-1].iteration:,} steps, some weight is still {away:.2g} away (wanted: "
        f"{CLOSE_ENOUGH:g}). Try momentum, or centred or whitened values.",
        icon=":material/hourglass:",
    )


def _picture_name() -> str:
    """Which picture is the target: the photo after an effect, a bundled one, or the visitor's own."""
    effects = tuple(_OF_THIS_PHOTO + name for name in EFFECTS)
    return controls.select(
        "Target picture",
        "conv_photo_goal_picture",
        effects[0],
        (*effects, *session.album().photos, *bundled.NAMES),
        help="Bring an own one with *Use your own* above, choose the photo again, and then the target here",
        width=240,
    )


def _imitate(photo: Photo, name: str, size: int, way: _Way) -> None:
    """The target is any picture: the best kernel, and what it cannot make."""
    target = None if name.startswith(_OF_THIS_PHOTO) else session.album().photos.get(name)
    target = target or (bundled.bundled(name) if name in bundled.NAMES else None)
    if target and target.pixels.shape != photo.pixels.shape:
        st.caption(":material/info: The target was scaled to the size of the photo.")
    after = "" if target else name.removeprefix(_OF_THIS_PHOTO)
    found, film, residual = _imitated(photo, target or photo, after, size, way)
    descent = found.descent
    best = descent.bowl.best()
    learn_filter(
        descent.frames,
        best,
        film,
        key="photo_learn_film",
        version=f"{photo.digest} {target and target.digest} {after} {size} {way}",
        target_title="Best kernel there is, by least squares",
    )
    _how_close(found, size)
    left, right = st.columns(2)
    with left:
        st.markdown("**What is left: target minus the best output**")
        picture(residual.picture, key="photo_learn_residual", alt="The residual", scale=residual.scale)
    with right:
        show_formula(found.rest_formula())
        show_formula(found.share_formula())
    if not descent.bowl.flat:
        show_code(snippets.learn(size, *way, descent.frames[-1].iteration))


def _how_close(found: Imitation, size: int) -> None:
    descent = found.descent
    bias = descent.bowl.bias(descent.bowl.best())
    beside = f", with a bias of {bias:.3g}," if abs(bias) >= 1 else ""
    if found.made:
        st.success(
            f"**One {size} × {size} kernel{beside} makes this picture**, up to the rounding of its pixels: "
            f"the root mean square of what is left is {found.levels:.2g} grey levels.",
            icon=":material/check_circle:",
        )
    else:
        st.info(
            f"**No {size} × {size} kernel makes this picture.** The best one{beside} is off by {found.levels:.3g} of "
            f"255 grey levels (root mean square); it explains {found.share_formula().value:.1%} of it.",
            icon=":material/block:",
        )
    if not (descent.reached or descent.bowl.flat):
        _stopped(descent, float(np.abs(descent.frames[-1].kernel - descent.bowl.best()).max()))


@st.cache_data(max_entries=24, show_spinner="Learning …", hash_funcs=_KEYS)
def _recovered(photo: Photo, kernel: Kernel, way: _Way) -> tuple[Descent, figures.Film]:
    plane = _plane(photo.pixels, way)
    descent = recover(plane, np.array(kernel), inputs=way.inputs, method=way.method, seed=way.seed)
    return descent, figures.show_learning(plane, descent)


@st.cache_data(max_entries=24, show_spinner="Learning …", hash_funcs=_KEYS)
def _imitated(
    photo: Photo, target: Photo, after: str, size: int, way: _Way
) -> tuple[Imitation, figures.Film, figures.Shown]:
    pixels = effect(after, target.pixels) if after else scaled(target.pixels, photo.pixels.shape[:2])
    plane = _plane(photo.pixels, way)
    found = imitate(plane, _plane(pixels, way), size, inputs=way.inputs, method=way.method, seed=way.seed)
    return found, figures.show_learning(plane, found.descent), figures.show_residual(found.residual)


def _plane(pixels: np.ndarray, way: _Way) -> np.ndarray:
    return np.tensordot(np.array(way.mix), planes(pixels), axes=1)  # [height, width]
