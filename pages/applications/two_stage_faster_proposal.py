"""One proposal on its way: its anchor, its level, its classes, and how the second stage moves it."""

import numpy as np
import streamlit as st

from core.figures import detection as bars
from core.photo import Photo
from core.two_stage import faster_formulas as formulas
from core.two_stage.faster import class_names
from core.two_stage.faster_anchors import DESIGNS, all_anchors
from core.two_stage.faster_funnel import Funnel, Last
from pages.shared import controls
from pages.shared.formula_view import show_formula
from pages.shared.picture import Box, picture


def proposal_part(photo: Photo, funnel: Funnel, last: Last) -> None:
    """The proposal of a number: by default the one that became the best box."""
    first, second = funnel.first, funnel.second
    if not len(first.proposals):
        st.info("No proposal is left.", icon=":material/search_off:")
        return
    best = int(last.pairs[last.kept[0], 0]) if len(last.kept) else 0
    st.markdown("#### One proposal on its way")
    number = controls.number(
        "Number of the proposal, 0 is the surest", "ts_proposal", best, 0, len(first.proposals) - 1
    )
    label = int(second.probabilities[number, 1:].argmax()) + 1
    anchor_number = first.top[first.proposals[number]]
    anchor = all_anchors(first.levels)[[anchor_number]]
    proposal, box = first.boxes[[number]], second.regressed[number, [label]]
    names = class_names()
    image, numbers = st.columns([8, 5], gap="medium")
    with image:
        shown = [first.on_photo(each)[0].tolist() for each in (anchor, proposal, box)]
        picture(
            photo.pixels,
            key="ts_faster_proposal",
            alt=f"Anchor, proposal and box of proposal {number}, class {names[label]}",
            boxes=[
                Box(*shown[0], label="anchor", role="muted", dashed=True),
                Box(*shown[1], label="proposal", role="second"),
                Box(*shown[2], label=names[label]),
            ],
            height=420,
        )
        st.caption(
            f"Anchor {anchor_number:,} with objectness {first.objectness[anchor_number]:.3f}; the first stage moves it "
            "to the proposal, the second to the box of its best class. Lengths in the formulas are of the scaled photo."
        )
    with numbers:
        shares = second.probabilities[number]
        named = [
            ("background" if i == 0 else names[i], float(shares[i]))
            for i in np.argsort(-shares, kind="stable")[:4]
        ]
        st.plotly_chart(
            bars.shares_figure(named, grey="background"),
            key="ts_faster_classes",
            alt="Classes: " + ", ".join(f"{name} {share:.1%}" for name, share in named),
            config={"displayModeBar": False},
        )
        show_formula(
            formulas.level_formula(tuple(proposal[0].astype(float).tolist()), *DESIGNS[first.name].roi_levels)
        )
        moved = formulas.coding_formulas(
            tuple(second.numbers[number, label].astype(float).tolist()),
            tuple(proposal[0].astype(float).tolist()),
        )
        with st.expander("How the second stage moves it"):
            for formula in moved:
                show_formula(formula)
