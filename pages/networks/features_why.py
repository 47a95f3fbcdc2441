"""The view "Why this class?": which places of the crop speak for a category, and whether to believe it."""

from dataclasses import replace

import streamlit as st

from core.features.explanations import METHODS, Effort
from core.features.scene import Look
from core.figures import features_why as figures
from core.photo import Photo
from pages.networks import features_maps_source as maps_source
from pages.networks import features_why_source as source
from pages.networks.features_why_curves import curves_section
from pages.networks.features_why_gallery import gallery_section
from pages.networks.features_why_large import large
from pages.networks.features_why_lesson import questions
from pages.networks.features_why_sanity import sanity_section
from pages.networks.features_why_source import FIRST, NOBODY, SECOND, Asked, Wish
from pages.networks.features_why_waiting import AGAIN
from pages.shared import controls, session
from pages.shared.heavy import pytorch_loads
from pages.shared.lesson import ask
from pages.shared.plain_text import plain
from pages.shared.turns import fragment

GALLERY, CURVES, SANITY = "All methods", "Take away, bring back", "Sanity check"
SECTIONS = {
    GALLERY: "One question, asked in every way. Click a picture to see it large.",
    CURVES: "Does the network agree? Take away what the map calls important, or bring it back, and watch.",
    SANITY: "Replace what was learned by random numbers, from the output down. Which maps do not change?",
}


@fragment
def why_view(photo: Photo) -> None:
    """Draw the view; a fragment: a click redraws this view and not the frame around it."""
    session.drop(AGAIN)
    top, waiting, results = st.container(), st.empty(), st.container()
    pytorch_loads(waiting, "feat_why_seen")
    with top.container(horizontal=True, vertical_alignment="bottom"):
        look = maps_source.choose_look()
        with st.popover("Settings", icon=":material/tune:"):
            wish, effort = _settings()
        lesson = st.container(width="content")
    with top:
        look = maps_source.usable(replace(look, seed=wish.seed if look.weights != maps_source.TRAINED else 0))
    try:
        maps_source.scene(photo, look)
    except (ValueError, LookupError) as error:
        waiting.warning(plain(str(error)), icon=":material/info:")
        return
    with top.container(horizontal=True, vertical_alignment="bottom"):
        asked, rival = _question(photo, look, effort)
        wish = replace(wish, method=_method(asked))
        asked = replace(asked, layer=_layer(asked, wish.method))
        rival = rival and replace(rival, layer=asked.layer)
    waiting.empty()
    session.assign({"feat_why_seen": True})
    with results:
        above = st.container()
        section, wish = _section(wish)
        with lesson:
            veiled = ask(questions(asked, wish), "feat_why")
        with above:
            large(asked, rival, wish, veiled)
        if section == GALLERY:
            gallery_section(asked, wish, veiled)
        elif section == CURVES:
            curves_section(asked, wish, veiled)
        else:
            sanity_section(asked, wish, veiled)


def _settings() -> tuple[Wish, Effort]:
    """What is rarely changed."""
    style = controls.choice(
        "Show maps as",
        "feat_why_style",
        "heat",
        tuple(figures.STYLES),
        format_func=lambda name: figures.STYLES[name],
        help=figures.STYLE_HELP,
    )
    opacity = controls.slider("Strength of the map over the crop, %", "feat_why_opacity", 90, 0, 100, 10)
    cover = controls.slider("Square that a click covers, pixels", "feat_why_cover", 56, 16, 112, 8)
    row = controls.number("Covered place: row (−1: none)", "feat_why_y", -1, -1, 1000)
    column = controls.number("Covered place: column (−1: none)", "feat_why_x", -1, -1, 1000)
    channels = controls.slider("Score-CAM: channels that are asked", "feat_why_channels", 64, 16, 256, 16)
    steps = controls.slider("Integrated gradients: steps", "feat_why_steps", 24, 8, 64, 8)
    window = controls.slider("Occlusion: window, pixels", "feat_why_window", 56, 16, 96, 8)
    seed = controls.number("Seed of random weights", "seed", 0, 0, 9999)
    place = (row, column) if min(row, column) >= 0 else None
    return Wish("", style, opacity / 100, cover, place, False, seed), Effort(
        channels, steps, window, window // 2
    )


def _question(photo: Photo, look: Look, effort: Effort) -> tuple[Asked, Asked | None]:
    """The class that is asked about, and one beside it."""
    names = source.category_names(look.network)
    chosen = controls.select(
        "Why this class?", "feat_why_class", FIRST, (FIRST, SECOND, *names), width=200, help="Type to search"
    )
    other = controls.select(
        "And beside it", "feat_why_other", NOBODY, (NOBODY, FIRST, SECOND, *names), width=200
    )
    asked = Asked(photo, look, "", source.category(chosen, photo, look), effort)
    rival = None if other == NOBODY else replace(asked, category=source.category(other, photo, look))
    return asked, rival


def _method(asked: Asked) -> str:
    return controls.select(
        "Method",
        "feat_why_method",
        "grad_cam",
        source.fitting(asked),
        format_func=lambda name: METHODS[name].title,
        width=200,
    )


def _layer(asked: Asked, method: str) -> str:
    """The layer whose maps are weighed; the last one is the usual one."""
    layers = {layer.name: layer for layer in source.layers(asked.photo, asked.look)}
    if not layers:
        return ""
    return controls.select(
        "Layer",
        "feat_why_layer",
        tuple(layers)[-1],
        tuple(layers),
        format_func=lambda name: "{} · {} × {}".format(name, *layers[name].hw),
        width=250,
        disabled=not source.needs_layer(method),
        help="For methods that weigh a layer's maps. Earlier layers have finer maps and know less.",
    )


def _section(wish: Wish) -> tuple[str, Wish]:
    with st.container(horizontal=True, vertical_alignment="center"):
        section = controls.choice(
            "Look closer", "feat_why_section", GALLERY, tuple(SECTIONS), label_visibility="collapsed"
        )
        slow = controls.toggle(
            "Slow methods, too",
            "feat_why_slow",
            help="Integrated gradients, Score-CAM and occlusion ask the network dozens of times.",
        )
        st.caption(SECTIONS[section], width="content")
    return section, replace(wish, slow=slow)
