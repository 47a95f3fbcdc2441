"""The filters view: the weights of a layer, what its channels look for, and the photos' nine strongest patches."""

import streamlit as st

from core.features import filters
from core.features.filters import weights_formula
from core.features.top_nine import strongest
from core.photo import Photo
from pages.networks import features_filters_source as source
from pages.networks.features_filters_dream import dream_section
from pages.networks.features_filters_nine import nine_section
from pages.networks.features_filters_source import Choice
from pages.networks.features_filters_weights import weights_section
from pages.shared import controls, jobs, session
from pages.shared.heavy import pytorch_loads
from pages.shared.lesson import Question, ask
from pages.shared.plain_text import plain
from pages.shared.turns import fragment

WEIGHTS, DREAM, NINE = "The weights", "What does it look for?", "Your own top nine"
SECTIONS = {
    WEIGHTS: "The numbers that were learned. Click a filter to take it apart.",
    DREAM: "From noise, step by step, to the picture it answers to most.",
    NINE: "A channel's strongest places in the photos and your own.",
}
_DIRECTIONS = ("no direction", "horizontal", "rising /", "vertical", "falling \\")


@fragment
def filters_view(photo: Photo) -> None:
    """Draw the view; a fragment: a click redraws this view and not the frame around it."""
    top, waiting, results = st.container(), st.empty(), st.container()
    pytorch_loads(waiting, "feat_filters_seen")
    try:
        with top:
            section, chosen, lesson = _controls()
            source.bank(chosen)  # the network is here now
    except (ValueError, LookupError) as error:
        waiting.warning(plain(str(error)), icon=":material/info:")
        return
    session.assign({"feat_filters_seen": True})
    jobs.ENGINE.prepare()
    waiting.empty()
    with lesson:
        veiled = ask(_questions(chosen), "feat_filters")
    with results:
        if section == WEIGHTS:
            weights_section(photo, chosen, veiled)
        elif section == DREAM:
            dream_section(photo, chosen)
        else:
            nine_section(chosen, veiled)


def _controls() -> tuple[str, Choice, st.delta_generator.DeltaGenerator]:
    """What to look at, through which network, at which filter of which layer."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        section = controls.choice(
            "Show", "feat_filters_section", WEIGHTS, tuple(SECTIONS), label_visibility="collapsed"
        )
        lesson = st.container(width="content")
        st.caption(SECTIONS[section], width="content")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        look = source.choose_look()
        deep = section != WEIGHTS
        names = source.layers(look.network)
        key = "feat_filters_deep" if deep else "feat_filters_layer"
        start = source.good_layer(look.network) if deep else names[0]
        layer = controls.select("Convolution", key, start, names, width=230)
        count = source.filter_count(look.network, layer)
        key = "feat_filters_channel" if deep else "feat_filters_filter"
        index = controls.number(
            "Channel" if deep else "Filter", key, source.good_index(look, layer), 0, count - 1, width=120
        )
        st.caption(source.layer_words(look.network, layer), width="content")
    return section, Choice(source.usable(look), layer, index), lesson


def _questions(chosen: Choice) -> tuple[Question, ...]:
    own = source.bank(chosen)
    count = weights_formula(own)
    card = filters.card(own, chosen.index)
    return (
        Question("count", f"How many weights do the filters of {chosen.layer} have?", count.value, count),
        Question(
            "edges",
            f"Which way do the edges run that filter {chosen.index} answers to?",
            _direction(card),
            "The strongest wave of its Fourier transform has its crests that way."
            if card.wave and card.wave.edges is not None
            else "Its Fourier transform is largest near the middle: it averages, and no direction stands out.",
            _DIRECTIONS,
        ),
        _best_question(chosen),
    )


def _direction(card: filters.Card) -> str:
    if card.wave is None or card.wave.edges is None:
        return _DIRECTIONS[0]
    return _DIRECTIONS[1 + round(card.wave.edges / 45) % 4]


def _best_question(chosen: Choice) -> Question:
    """Which photo the channel answers to most; only worked out when it is asked."""
    prompt, key = f"Which photo does channel {chosen.index} of {chosen.layer} answer to most?", "best"
    if (session.held("ask") or st.query_params.get("ask")) != key:
        return Question(key, prompt, "", "")
    photos = source.photos()
    hits = strongest(source.all_peaks(photos, chosen), chosen.index)
    names = [photos[hit.photo].name for hit in hits]
    others = tuple(sorted(names[:1] + names[3::2][:3]))
    return Question(
        key,
        prompt,
        names[0],
        f"Its strongest place there has the value {hits[0].value:.3g}; the runner-up is {plain(names[1])} "
        f"with {hits[1].value:.3g}. Look at the patches under “{NINE}”.",
        others,
    )
