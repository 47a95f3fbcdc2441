"""The faders and settings of a style transfer step by step; all of them live in the link."""

from collections.abc import Sequence

import streamlit as st

from core.style.losses import NORMALISATIONS, TITLES
from core.style.recipe import COLOURS, CONTENT, OPTIMISERS, SIDES, STARTS, STYLE, Recipe
from core.style.trunk import BLOCKS, POOLINGS, layer_names
from pages.shared import controls

FADERS = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_TITLES = {"vgg16_hed": "VGG-16 (HED)", "vgg16": "VGG-16", "vgg19": "VGG-19"}
_LIKE = (
    "Each part is divided by the length of its slope, so that the faders are shares of the pull. Off: the bare losses "
    "of the chosen normalisation, whose faders do not carry over from one picture or code to another."
)
_COLOURS = (
    "style: those of the style picture. luminance: the result's brightness with your photo's colours. matched and "
    "histogram: the style picture is recoloured first, so that the mean and covariance of its colours, or each "
    "channel's histogram, are your photo's."
)


def whole_fader(label: str, key: str, usual: float) -> float:
    """One fader."""
    return controls.choices_slider(
        label, key, usual, FADERS, width=150, format_func=lambda value: f"{value:g}"
    )


def choose_recipe(
    content: float, style: float, smooth: float, desk: st.delta_generator.DeltaGenerator
) -> Recipe | None:
    """Everything else, folded away; None where all faders are at 0.

    Args:
        content, style, smooth: the faders of the wholes. desk: where the faders of the layers stand.
    """
    with st.popover("Settings", icon=":material/tune:"):
        network = controls.select(
            "Network", "style_network", "vgg16_hed", tuple(BLOCKS), format_func=_TITLES.get
        )
        weights = controls.choice("Weights", "style_weights", "trained", ("trained", "untrained"))
        side = controls.choice("Longer edge, pixels", "style_side", 256, SIDES)
        steps = controls.slider("Steps", "style_steps", 120, 20, 600, 20)
        start = controls.choice("Begin with", "style_start", "photo", STARTS)
        colours = controls.choice("Colours", "style_colours", "style", COLOURS, help=_COLOURS)
        optimiser = controls.choice("Optimiser", "style_optimiser", "L-BFGS", OPTIMISERS)
        rate = 0.02
        if optimiser == "Adam":
            rate = controls.choices_slider("Rate", "style_rate", 0.02, (0.005, 0.01, 0.02, 0.05, 0.1, 0.2))
        pyramid = controls.toggle("Small sizes first", "style_pyramid", True)
        pooling = controls.choice("Pooling", "style_pooling", "average", POOLINGS)
        normalisation = controls.choice(
            "Normalisation", "style_norm", "gatys", NORMALISATIONS, format_func=TITLES.__getitem__
        )
        like = controls.toggle("Faders are shares of the pull", "style_like", True, help=_LIKE)
        seed = controls.number("Seed", "seed", 0, 0, 9999)
    layers = layer_names(network)
    with st.popover("Layers", icon=":material/equalizer:"):
        contents = controls.several("Content layers", "style_contents", _usual(CONTENT), layers, 3)
        names = controls.several("Style layers", "style_layers", _usual(STYLE), layers, 8)
    with desk:
        content_faders = _layer_faders("content", contents)
        style_faders = _layer_faders("style", names)
    try:
        return Recipe(
            network=network,
            weights=weights,
            content=content_faders,
            style=style_faders,
            content_weight=content,
            style_weight=style,
            smoothness=smooth,
            like=like,
            normalisation=normalisation,
            pooling=pooling,
            start=start,
            optimiser=optimiser,
            rate=rate,
            steps=steps,
            side=side,
            pyramid=pyramid,
            colours=colours,
            seed=seed,
        )
    except ValueError:
        return None


def _usual(layers: Sequence[tuple[str, float]]) -> tuple[str, ...]:
    return tuple(name for name, _ in layers)


def _layer_faders(kind: str, names: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """A fader for each layer, beside one another; one content layer alone has that of the whole."""
    if kind == "content" and len(names) == 1:
        return ((names[0], 1.0),)
    key = "style_at_{}" if kind == "style" else "style_content_at_{}"
    return tuple((name, whole_fader(f"{kind} {name}", key.format(name), 1.0)) for name in names)
