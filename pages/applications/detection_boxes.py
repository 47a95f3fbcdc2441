"""The Boxes view: what is found on the photo, and how few of the raw boxes are left."""

import streamlit as st

from core.detection import detector as detectors
from core.detection.detector import Seen, candidates, class_names
from core.figures import detection as figures
from core.networks import DETECTORS
from core.photo import Photo
from core.snippets import detection as snippets
from pages.applications import detection_source as source
from pages.applications.detection_source import How
from pages.shared.code_panel import code_panel
from pages.shared.picture import Box, picture


def boxes_view(photo: Photo, seen: Seen, threshold: float, overlap: float, how: How) -> None:
    """The photo with its boxes; beside it the stages and every box as a line."""
    found = candidates(seen, threshold)
    left = source.suppressed(found, overlap, how)
    names = class_names()
    lines = [
        (names[found.labels[index]], float(score), [float(edge) for edge in box])
        for index, score, box in zip(left.kept, left.scores, left.boxes, strict=True)
    ]
    image, numbers = st.columns([8, 5], gap="medium")
    with image:
        boxes = [Box(*edges, label=f"{name} {score:.2f}") for name, score, edges in lines]
        words = ", ".join(f"{name} {score:.2f}" for name, score, _ in lines) or "no objects"
        picture(
            source.travelling(photo), key="det_boxes", alt=f"The photo with {words}", boxes=boxes, height=560
        )
        _about(seen)
    with numbers:
        stages = [
            ("cells of three grids", len(seen.raw)),
            (f"score over {threshold:g}", len(found.scores) + found.outside),
            *([("part on the photo", len(found.scores))] if found.outside else []),
            ("after suppression", len(left.kept)),
        ]
        st.plotly_chart(
            figures.funnel_figure(stages),
            key="det_funnel",
            alt=figures.funnel_alt(stages),
            config={"displayModeBar": False},
        )
        if lines:
            st.dataframe(
                [
                    {
                        "class": name,
                        "score": round(score, 3),
                        "left, top": f"{edges[0]:.0f}, {edges[1]:.0f}",
                        "size": f"{edges[2] - edges[0]:.0f} × {edges[3] - edges[1]:.0f}",
                    }
                    for name, score, edges in lines
                ],
                hide_index=True,
            )
        else:
            st.info(
                "No object of the 80 classes is found here at this threshold. Lower it, or bring another photo.",
                icon=":material/search_off:",
            )
    code_panel(snippets.boxes(threshold, overlap, per_class=how.per_class, side=seen.side))


def _about(seen: Seen) -> None:
    """Which detector is running, and how good it is."""
    title = detectors.TITLES[seen.detector]
    if seen.detector not in detectors.MEASURED:
        published = DETECTORS[seen.detector]
        st.caption(
            f"**{title}**: Megvii's, its input {seen.side} pixels wide. Published AP on COCO's 5,000 photos: "
            f"**{published.ap / 100:.2f}**."
        )
        return
    overall, half, person = detectors.MEASURED[seen.detector]
    what = (
        "the project's own, distilled from YOLOX-Nano; it needs no internet"
        if seen.detector == detectors.EMBEDDED
        else "Megvii's YOLOX-Nano, the teacher of the embedded one"
    )
    st.caption(
        f"**{title}**: {what}. On 64 photos of COCO: AP **{overall:.2f}**, AP50 **{half:.2f}**, "
        f"persons **{person:.2f}**; small objects and rare classes are often missed."
    )
