"""Chains of every kind for property tests."""

from hypothesis import strategies as st

from core.augmentation import CATALOGUE, NAMES, Chain, OneOf, Step


@st.composite
def steps(draw, names=NAMES, likely=False):
    """A step with a range somewhere inside the transform's limits; `likely` ones are carried out for sure."""
    kind = CATALOGUE[draw(st.sampled_from(names))]
    whole = st.integers(int(kind.low), min(int(kind.high), 64))
    ends = whole if kind.whole else st.floats(kind.low, kind.high)
    low, high = sorted((draw(ends), draw(ends)))
    options = {"size": draw(st.integers(1, 64))} if kind.name == "resized_crop" else {}
    return Step(kind.name, low, high, 1.0 if likely else draw(st.floats(0, 1)), options)


@st.composite
def chains(draw, names=NAMES, likely=False, most=5):
    """A chain of up to `most` steps and groups."""
    groups = st.lists(steps(names, likely=True), min_size=1, max_size=3).map(
        lambda found: OneOf(tuple(found))
    )
    each = st.one_of(steps(names, likely), steps(names, likely), groups)
    border = draw(st.sampled_from(["constant", "reflect", "edge"]))
    return Chain(tuple(draw(st.lists(each, max_size=most))), border)
