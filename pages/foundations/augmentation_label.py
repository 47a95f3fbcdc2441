"""The Label view: does the label survive a transform, by a network's word, by a reader's, and by common sense."""

from collections.abc import Callable
from operator import attrgetter

import streamlit as st

from core import networks
from core.augmentation import CATALOGUE, Chain, fixed
from core.augmentation.applying import apply
from core.augmentation.cautions import CARDS, Card, cards
from core.augmentation.families import family, relatives
from core.augmentation.formulas import change, safe_share
from core.augmentation.survival import SurvivalCurve, survival_curve
from core.figures import augmentation_label as figures
from core.figures.augmentation_cards import card_pictures
from core.figures.encoding import Encoded, encode
from core.photo import Photo
from core.snippets import augmentation_label as snippets
from pages.foundations.augmentation_chain import second_photo
from pages.foundations.augmentation_label_digits import DIGIT_TRANSFORMS, digits_section
from pages.shared import controls
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.lesson import Question, ask
from pages.shared.plain_text import plain

_KEYS: dict[str | type, Callable] = {Photo: attrgetter("digest")}
PHOTO, DIGIT = "Your photo", "A digit"
TRANSFORMS = tuple(name for name, kind in CATALOGUE.items() if name != "autoaugment")
_CHOICES = {
    PHOTO: ("aug_label_transform", "erasing", TRANSFORMS),
    DIGIT: ("aug_label_digit_transform", "rotate", DIGIT_TRANSFORMS),
}
SHARES = ("less than a quarter", "a quarter to a half", "half to three quarters", "more")
_POINTS = (13, 25, 49)


def label_view(photo: Photo, chain: Chain, seed: int) -> None:
    """A transform over its whole strength, for the photo or for a digit; then what common sense says."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        subject = controls.choice("Does the label survive?", "aug_label_of", PHOTO, (PHOTO, DIGIT))
        name = _transform(subject)
        if subject == PHOTO:
            points = controls.choice("Strengths tried", "aug_label_points", 25, _POINTS)
    if subject == DIGIT:
        digits_section(name)
    else:
        _photo_section(photo, chain, name, points, seed)
    _cautions(name)


def _transform(subject: str) -> str:
    key, first, offered = _CHOICES[subject]
    return controls.select("Transform", key, first, offered, format_func=title, width=220)


def title(name: str) -> str:
    """A transform in the menu."""
    return CATALOGUE[name].title


def _photo_section(photo: Photo, chain: Chain, name: str, points: int, seed: int) -> None:
    best = _answers(photo)[0]
    chart, side = st.columns([8, 4], gap="medium")
    with side:
        same = _what_counts(best)
    second = second_photo(photo) if CATALOGUE[name].kind == "mix" else None
    with chart, st.spinner(f"Asking the network about {points} strengths …", show_time=True):
        curve = _curve(photo, name, points, seed, second, chain.border, same)
    with side:
        veiled = ask(_questions(curve), "aug_label")
        at = _strength(curve)
    place = curve.strengths.index(at)
    label = _label_words(curve.label, same)
    with chart:
        if veiled:
            st.info("Hidden until you have made your prediction.", icon=":material/visibility_off:")
        else:
            thumbs = _thumbnails(photo, name, points, seed, second, chain.border, same)
            st.plotly_chart(
                figures.survival_figure(curve, thumbs, at, label),
                key="aug_label_chart",
                alt=figures.survival_alt(curve, label),
                config={"displayModeBar": False},
            )
    with side:
        shown = _variant(photo, name, at, seed, second, chain.border)
        narrow = shown.height > 1.5 * shown.width  # a tall strip would have no end
        width = max(8, 360 * shown.width // shown.height) if narrow else "stretch"
        st.image(shown.uri, alt=f"The photo after {title(name)} at {at:g}", width=width)
        if not veiled:
            _verdict(curve, place, label)
    if not veiled:
        _numbers(curve, place, name, same)


def _what_counts(best: str) -> tuple[str, ...]:
    """The categories that count as the label: one, or where it is a breed, all of the same animal if you like."""
    categories = networks.record(networks.DEFAULT).categories
    same, common = relatives(best, categories), family(categories.index(best))
    if len(same) == 1:
        return same
    words = {"one": f"only {best}", "family": f"any {common.partition(' ')[2]}"}
    chosen = controls.choice(
        "Counts as the label", "aug_label_counts", "family", tuple(words), format_func=words.get
    )
    return same if chosen == "family" else (best,)


def _label_words(label: str, same: tuple[str, ...]) -> str:
    """What the label is called: the one category, or the family."""
    if len(same) == 1:
        return label
    return family(networks.record(networks.DEFAULT).categories.index(label)).partition(" ")[2]


def _strength(curve: SurvivalCurve) -> float:
    return controls.choices_slider(
        f"Look closer: {figures.strength_words(curve.transform)}",
        "aug_label_at",
        CATALOGUE[curve.transform].default[1],
        curve.strengths,
        format_func=lambda value: f"{value:.4g}",
    )


def _verdict(curve: SurvivalCurve, place: int, label: str) -> None:
    answer, probability = curve.top[place]
    value = curve.probabilities[place]
    safe = curve.safe is not None and curve.safe[0] <= curve.strengths[place] <= curve.safe[1]
    sentence = (
        f"P({plain(label)}) = **{value:.3f}**. The network says **{plain(answer)}** ({probability:.0%})."
    )
    if safe:
        st.success(sentence, icon=":material/check_circle:")
    else:
        st.warning(sentence, icon=":material/warning:")


def _numbers(curve: SurvivalCurve, place: int, name: str, same: tuple[str, ...]) -> None:
    left, right = st.columns(2)
    with left:
        show_formula(safe_share(curve))
    with right:
        show_formula(change(curve, place))
    asked = networks.record(networks.DEFAULT).title
    st.caption(
        f"{title(name)}: {CATALOGUE[name].meaning}. The curve asks {asked}; it is one network's word about "
        "one photo. “Safe”: from the strength that changes nothing outwards, as long as its answer counts as the label."
    )
    categories = networks.record(networks.DEFAULT).categories
    first, *more = (categories.index(each) for each in (curve.label, *(s for s in same if s != curve.label)))
    code_panel(snippets.survival(name, curve.strengths[place], first, tuple(more)))


def _questions(curve: SurvivalCurve) -> tuple[Question, ...]:
    found = safe_share(curve)
    answer = SHARES[min(3, int(4 * found.value))]
    asked = f"{title(curve.transform)}: how much of the range leaves the network's answer right?"
    return (Question("label_safe", asked, answer, found, SHARES),)


def _cautions(name: str) -> None:
    """Cards of common sense: those of the transform, or all."""
    st.subheader("Where it makes no sense, whatever a network says", anchor=False)
    everything = controls.toggle("Every transform's cards", "aug_label_cards", False)
    shown = CARDS if everything else cards(name)
    if not shown:
        st.caption(f"No card warns of {title(name).lower()}: only your own labels can tell.")
    across = 4 if len(shown) > 3 else 3
    for first in range(0, len(shown), across):
        for column, card in zip(st.columns(across), shown[first : first + across], strict=False):
            with column:
                _card(card)


def _card(card: Card) -> None:
    with st.container(border=True, height="stretch"):
        pictures = _card_pictures(card.title)
        if pictures:
            st.image(pictures.uri, alt=f"{card.title}: before and after", width="stretch")
        st.markdown(f":material/warning: **{card.title}**  \n{card.text}")


@st.cache_data(max_entries=16, show_spinner=False)
def _card_pictures(name: str) -> Encoded | None:
    return card_pictures(name)


@st.cache_data(max_entries=64, show_spinner="Asking the network …", hash_funcs=_KEYS)
def _answers(photo: Photo) -> tuple[str, ...]:
    """What the network says of the untouched photo, the best first."""
    return tuple(name for name, _ in networks.classify(networks.DEFAULT, photo, top=5))


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=_KEYS)
def _curve(
    photo: Photo, name: str, points: int, seed: int, second: Photo | None, border: str, same: tuple[str, ...]
) -> SurvivalCurve:
    return survival_curve(photo, name, points, seed=seed, second=second, border=border, also=same)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=_KEYS)
def _thumbnails(
    photo: Photo, name: str, points: int, seed: int, second: Photo | None, border: str, same: tuple[str, ...]
) -> list[tuple[float, str]]:
    curve = _curve(photo, name, points, seed, second, border, same)
    return figures.thumbnails(photo.pixels, curve, seed, second.pixels if second else None, border)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=_KEYS)
def _variant(
    photo: Photo, name: str, strength: float, seed: int, second: Photo | None, border: str
) -> Encoded:
    draw = fixed(name, strength, photo.pixels.shape[:2], seed=seed, border=border)
    return encode(apply(draw, photo.pixels, second.pixels if second else None))
