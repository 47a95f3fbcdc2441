"""The view One or two stages?: the same photo by several routes, side by side, and where each of them fails."""

import numpy as np
import streamlit as st

from core.augmentation.marks import NOTHING
from core.figures import two_stage_compare as figures
from core.jobs import Job
from core.networks import DETECTORS
from core.photo import Photo
from core.snippets import two_stage_compare as snippets
from core.two_stage.compare import ROUTES, Route, routes
from core.two_stage.compare_match import CROWDS, SIZES, Objects, Score, agreed, described, scored
from core.two_stage.compare_run import Answer, answers, compare_order
from core.two_stage.faster_anchors import RESNET
from pages.applications.detection_source import travelling
from pages.shared import controls, jobs
from pages.shared.code_panel import code_panel
from pages.shared.fetch_weights import offer
from pages.shared.lesson import Question, ask
from pages.shared.marks_pen import boxes_field, marks_pen
from pages.shared.picture import Box, picture
from pages.shared.plain_text import plain
from pages.shared.turns import fragment

NAME = "compare"
MARKS = "ts_truth"
SHARES = tuple(i / 100 for i in (1, 2, *range(5, 100, 5)))
SLOW = (RESNET.name, "yolox_tiny", "yolox_s")
STAGES = ("every window", "one stage", "two stages")


def compare_view(photo: Photo) -> None:
    """The routes, the button, the truth that may be drawn, and the answers."""
    here = routes(here=True)
    titles = tuple(each.title for each in here)
    usual = [each.title for each in here if each.key not in SLOW]
    chosen = controls.several("Routes", "ts_routes", usual, titles, len(titles))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        score = controls.choices_slider("Score threshold", "ts_compare_score", 0.3, SHARES, width=200)
        overlap = controls.choices_slider("IoU threshold", "ts_compare_iou", 0.5, SHARES, width=200)
        keys = tuple(each.key for each in here if each.title in chosen)
        st.button(
            "Run them",
            type="primary",
            icon=":material/play_arrow:",
            key="ts_compare_go",
            disabled=not keys,
            on_click=_start,
            args=(photo, keys, score, overlap),
        )
        ask(_questions(), "ts")
    job = jobs.mine(NAME)
    truth = _truth(photo)
    fragment(_stage, run_every=jobs.EVERY_S if job and job.active else None)(photo, truth)
    _missing()
    code_panel(snippets.found())


def _start(photo: Photo, keys: tuple[str, ...], score: float, overlap: float) -> None:
    jobs.start(NAME, compare_order(photo.pixels, keys, score, overlap))


def _truth(photo: Photo) -> np.ndarray:
    """The boxes that were drawn, on the photo: some bundled photos come with an example."""
    with st.expander("What is really there? Draw a box around each object", icon=":material/edit_square:"):
        place = st.container()
        marks = boxes_field(MARKS, figures.TRUTHS.get(photo.name, NOTHING))
        with place:
            marks_pen(photo.pixels, marks, MARKS, "The photo, to draw the objects on")
    return np.array(marks.targets(photo.pixels.shape[:2]).boxes, np.float64).reshape(-1, 4)


def _stage(photo: Photo, truth: np.ndarray) -> None:
    """The answers so far; drawn again and again while routes are on their way."""
    job = jobs.mine(NAME)
    if job is not None and not job.active and not _asked_for(job, photo):
        job = None
    jobs.follow(job, key="ts_compare", what="Routes")
    if job is None:
        picture(
            travelling(photo),
            key="ts_compare_photo",
            alt=f"The photo with {len(truth)} objects to find" if len(truth) else "The photo",
            boxes=[Box(*box.tolist(), role="muted", dashed=True) for box in truth],
            height=460,
        )
        st.info(
            "Press the button: every route gets the same photo, and is timed three times.",
            icon=":material/play_circle:",
        )
        return
    found = answers(job) if _asked_for(job, photo) else ()
    if not found:
        return
    st.caption(
        "Yellow: a box that finds an object. Orange: one that finds none. White, broken: an object that is missed."
    )
    objects = described(truth) if len(truth) else agreed([each.found.boxes for each in found])
    scores = [scored(objects, each.found.boxes, each.found.scores) for each in found]
    _pictures(photo, found, scores)
    _numbers(found, scores, objects, drawn=bool(len(truth)))


def _asked_for(job: Job, photo: Photo) -> bool:
    return np.array_equal(job.order.arguments["photo"], photo.pixels)


def _pictures(photo: Photo, found: tuple[Answer, ...], scores: list[Score]) -> None:
    """The photo once for each route, two beside each other."""
    for first in range(0, len(found), 2):
        for column, number in zip(
            st.columns(2, gap="medium"), range(first, min(first + 2, len(found))), strict=False
        ):
            with column:
                _one(photo, found[number], scores[number])


def _one(photo: Photo, answer: Answer, score: Score) -> None:
    route, hits = ROUTES[answer.route], set(score.taken.tolist())
    boxes = [
        Box(*box.tolist(), label=f"{name} {share:.2f}", role="primary" if i in hits else "third")
        for i, (box, name, share) in enumerate(
            zip(answer.found.boxes, answer.found.names, answer.found.scores, strict=True)
        )
    ][:60]
    missed = [Box(*box.tolist(), role="muted", dashed=True) for box in score.objects.boxes[score.taken < 0]]
    cost = "" if answer.macs is None else f" · {answer.macs / 1e9:.2f} G multiply-adds"
    st.markdown(f"**{route.title}** · {STAGES[route.stages]}")
    picture(
        travelling(photo),
        key=f"ts_compare_{answer.route}",
        alt=f"{route.title}: {', '.join(box.label for box in boxes) or 'no boxes'}",
        boxes=[*missed, *boxes],
        height=380,
    )
    st.caption(
        f"**{answer.seconds * 1000:,.0f} ms**{cost} · **{len(answer.found.boxes)}** boxes. {route.about[0].upper()}"
        f"{route.about[1:]}: " + ", ".join(f"{count:,} {name}" for name, count in answer.found.stages) + "."
    )


def _numbers(found: tuple[Answer, ...], scores: list[Score], objects: Objects, *, drawn: bool) -> None:
    """How long each takes, and which objects it finds."""
    listed = [ROUTES[each.route] for each in found]
    left, right = st.columns(2, gap="medium")
    with left:
        times = [each.seconds for each in found]
        st.plotly_chart(
            figures.seconds_figure([each.title for each in listed], [each.stages for each in listed], times),
            key="ts_compare_seconds",
            alt="Time: "
            + ", ".join(f"{r.title} {s * 1000:.0f} ms" for r, s in zip(listed, times, strict=True)),
            config={"displayModeBar": False},
        )
    with right:
        _says(len(found), objects, drawn)
        st.dataframe(_table(listed, found, scores), hide_index=True)
    if not len(objects.boxes):
        return
    for column, kinds, pairs in zip(
        st.columns(2, gap="medium"),
        (SIZES, CROWDS),
        ([each.by_size() for each in scores], [each.by_crowd() for each in scores]),
        strict=True,
    ):
        named = [(route.title, pair) for route, pair in zip(listed, pairs, strict=True)]
        with column:
            st.plotly_chart(
                figures.kinds_figure(kinds, named),
                key=f"ts_compare_{kinds[0]}",
                alt="Found: " + "; ".join(f"{title} {_words(kinds, each)}" for title, each in named),
                config={"displayModeBar": False},
            )
    st.caption(
        "Small: under 32² square pixels of the photo, medium: under 96². Touching: shares a part with another object, "
        "crowded: with an IoU over 0.2. A box finds an object from IoU 0.5 on, whatever class it names."
    )


def _says(count: int, objects: Objects, drawn: bool) -> None:
    """What the routes are held against."""
    if drawn:
        st.markdown(
            f"Held against **{len(objects.boxes)}** objects, drawn by hand. Draw others above, or clear them all to "
            "see what the routes agree on."
        )
    elif count == 1:
        st.markdown("One route alone agrees with itself: run others too, or draw what is there.")
    else:
        st.markdown(
            f"Nothing is drawn, so an object is what two routes found: **{len(objects.boxes)}**. That is agreement "
            "and not truth: what only one finds does not count, right or wrong."
        )


def _table(listed: list[Route], found: tuple[Answer, ...], scores: list[Score]) -> list[dict]:
    return [
        {
            "route": route.title,
            "boxes": len(answer.found.boxes),
            "found": f"{int((score.taken >= 0).sum())} of {len(score.taken)}",
            "no object": len(score.false),
        }
        for route, answer, score in zip(listed, found, scores, strict=True)
    ]


def _words(kinds: tuple[str, ...], pairs: tuple[tuple[int, int], ...]) -> str:
    return ", ".join(
        f"{kind} {got} of {there}" for kind, (got, there) in zip(kinds, pairs, strict=True) if there
    )


def _missing() -> None:
    """The routes whose weights are not here, one of them to be fetched."""
    away = {each.title: each for each in routes() if not each.is_here}
    if not away:
        return
    with st.expander(
        f"{len(away)} more routes need weights that are not on this computer", icon=":material/download:"
    ):
        title = controls.select("Route to fetch", "ts_away", next(iter(away)), tuple(away), width=330)
        st.caption(plain(away[title].about))
        offer(DETECTORS[away[title].key], "ts_compare_fetch", "")


def _questions() -> tuple[Question, ...]:
    return (
        Question(
            "ts_faster_one",
            "Which design says box and class of every place in one go, without looking a second time?",
            "one stage",
            "YOLO and SSD answer from the maps at once; Faster R-CNN cuts each proposal out of a map and looks again.",
            ("one stage", "two stages"),
        ),
    )
