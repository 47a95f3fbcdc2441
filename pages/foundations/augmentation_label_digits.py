"""A digit in the Label view: turned far enough a 6 is a 9, and then the label is wrong, not the network."""

import streamlit as st

from core.augmentation import strengths
from core.augmentation.digit_story import DigitStory, Reading, digit_picture, digit_story, read_digit
from core.augmentation.digits import DigitNetwork, clearest
from core.augmentation.formulas import digits_right
from core.augmentation.laboratory import digit_order
from core.figures import augmentation_label as figures
from core.figures.encoding import encode
from core.jobs import Order
from core.snippets import augmentation_label as snippets
from pages.foundations import augmentation_lab as lab
from pages.shared import controls, jobs
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.lesson import Question, ask
from pages.shared.turns import fragment

DIGIT_TRANSFORMS = (
    "rotate", "zoom", "contrast", "flip", "flip_vertical", "shear_x", "translate_x", "translate_y", "perspective",
    "elastic", "brightness", "invert", "noise", "blur", "erasing",
)  # fmt: skip
WHO = ("The network", "The label", "Nobody")


def digits_section(name: str) -> None:
    """Train once, then turn a digit."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        digit = controls.choice("Digit", "aug_label_digit", 6, range(10))
        seed = controls.number(
            "Network's seed", "aug_label_net", 0, 0, 99, help="Of its start and its split", width=130
        )
    order = digit_order(seed)
    trained = lab.known(order)
    if trained is None:
        if lab.mine(order) is None:
            lab.start(order)
        fragment(_training, run_every=jobs.EVERY_S)(order)
        return
    network: DigitNetwork = trained[-1]
    index = _index(seed, network, digit)
    story = _story(seed, network, name, index)
    _told(seed, network, story, index)


def _training(order: Order) -> None:
    """The network on its way; drawn again and again."""
    run = lab.mine(order)
    if lab.known(order) is not None:
        st.rerun()  # the last one: it ends the redrawing
    if run is None or run.state in ("stopped", "failed"):
        st.button("Train the digit network", icon=":material/play_arrow:", on_click=lab.start, args=(order,))
    else:
        st.caption("A network of two convolutions learns 1,400 digits of 8 × 8 pixels, without augmentation.")
    if run is not None:
        jobs.panel(run, key="aug_label_stop", what="Digit network")
        if run.results:
            st.markdown(f"Right on **{run.results[-1].accuracy:.1%}** of 397 digits that it never saw")


def _told(seed: int, network: DigitNetwork, story: DigitStory, index: int) -> None:
    curve = story.curve
    chart, side = st.columns([8, 4], gap="medium")
    with side:
        veiled = ask(_questions(), "aug_label")
        at = _strength(curve.transform, curve.strengths)
        reading = _reading(seed, network, curve.transform, index, at)
        shown = encode(digit_picture(curve.transform, index, at).repeat(8, 0).repeat(8, 1))
        st.image(shown.uri, alt=f"A {curve.label} after {curve.transform} at {at:g}", width=200)
        if not veiled:
            _verdict(reading)
    with chart:
        if veiled:
            st.info("Hidden until you have made your prediction.", icon=":material/visibility_off:")
        else:
            st.plotly_chart(
                figures.digit_figure(story, figures.digit_thumbnails(story, index), at),
                key="aug_label_digit_chart",
                alt=figures.survival_alt(curve, curve.label),
                config={"displayModeBar": False},
            )
    left, right = st.columns([4, 8])
    with left:
        held = len(network.held_out)
        show_formula(digits_right(round(network.accuracy * held), held))
    with right:
        st.markdown(
            "The network was trained in seconds on scikit-learn's digits, upright ones only. Where a turned 6 **is** a "
            "9, its 9 is the right answer and the *label* is wrong. Trained with such pictures, it would be taught an "
            "error. Between the two it errs, or nobody can say: it has never met a digit lying on its side."
        )
    code_panel(snippets.digit(curve.transform, index, at))


def _strength(name: str, offered: tuple[float, ...]) -> float:
    return controls.choices_slider(
        f"Look closer: {figures.strength_words(name)}",
        f"aug_label_turn_{name}",
        180.0 if name == "rotate" else strengths(name, 2)[-1],
        offered,
        format_func=lambda value: f"{value:.4g}",
    )


def _verdict(reading: Reading) -> None:
    of_label = f"P({reading.label}) = **{reading.of_label:.3f}**"
    says = f"The network says **{reading.answer}** ({reading.probability:.0%}); {of_label}."
    match reading.outcome:
        case "right":
            st.success(f"Still a {reading.label}. {says}", icon=":material/check_circle:")
        case "the label is wrong":
            error = "and does not err" if reading.answer == reading.meaning else "and errs as well"
            st.error(
                f"**The label is now wrong**: a reader sees a {reading.meaning}. {says[:-1]}, {error}.",
                icon=":material/label_off:",
            )
        case "no digit":
            st.warning(f"Nobody can say which digit this is. {says}", icon=":material/help:")
        case _:
            st.warning(
                f"A reader still sees a {reading.label}: **the network errs**. {says}",
                icon=":material/close:",
            )


def _questions() -> tuple[Question, ...]:
    return (
        Question(
            "label_nine",
            "A 6 is turned by 180°, its label stays “6”, and the network says 9. Who is wrong?",
            "The label",
            "What is on the picture is a 9. The augmentation has changed the truth, and the label did not follow.",
            WHO,
        ),
    )


@st.cache_data(max_entries=100, show_spinner=False)
def _index(seed: int, _network: DigitNetwork, digit: int) -> int:
    """The digit that the network is surest of: a clean start."""
    return clearest(_network, digit)


@st.cache_resource(max_entries=100, show_spinner=False)
def _story(seed: int, _network: DigitNetwork, name: str, index: int) -> DigitStory:
    return digit_story(_network, name, index)


@st.cache_data(max_entries=400, show_spinner=False)
def _reading(seed: int, _network: DigitNetwork, name: str, index: int, at: float) -> Reading:
    return read_digit(_network, name, index, at)
