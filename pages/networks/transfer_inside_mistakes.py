"""Mistakes: the confusion matrix, the photos behind a cell, and what to do about them."""

from collections.abc import Sequence

import streamlit as st

from core.figures.tiles import Line, Tile
from core.jobs import Order
from core.transfer.evaluation import confusion, mistakes
from core.transfer.recipe import Recipe
from pages.networks import transfer_set as sets
from pages.networks.transfer_runs import TRAIN, Training
from pages.networks.transfer_samples import class_chart, small
from pages.shared import controls, jobs, session
from pages.shared.confusion_grid import confusion_grid
from pages.shared.plain_text import plain
from pages.shared.tiles import tiles

_GRID, _PICKED, _WRONG = "transfer_grid", "transfer_cell", "transfer_wrong"
_TILES = 16


def mistakes_section(found: Training) -> None:
    """The matrix, the chosen cell, and the most confident mistakes."""
    numbers, shares, part = found.judged
    if not numbers:
        st.info("There was no photo left to judge it with: bring more photos.", icon=":material/info:")
        return
    labels = found.labels(numbers)
    table = confusion(shares, labels)
    left, right = st.columns([7, 5], gap="medium")  # ten classes side by side
    with left:
        st.markdown(f"**{len(numbers)} photos of the {part} part**")
        confusion_grid(
            table.tolist(),
            found.photos.classes,
            picked=_picked(found),
            key=_GRID,
            alt=f"Confusion matrix, {len(found.photos.classes)} classes: {int(table.trace())} of {len(numbers)} right",
            on_pick=_pick,
        )
    with right:
        title = "Share of each class that was recognised, 95 % interval"
        class_chart(found.photos.classes, table, title, key="tl_by_class")
    _photos(found)


def _picked(found: Training) -> tuple[int, int] | None:
    cell = session.held(_PICKED)
    inside = cell is not None and max(cell) < len(found.photos.classes)
    return cell if inside else None


def _pick() -> None:
    cell = (session.held(_GRID) or {}).get("picked")
    if (
        isinstance(cell, list | tuple)
        and len(cell) == 2
        and all(isinstance(each, int) and each >= 0 for each in cell)
    ):
        session.assign({_PICKED: None if session.held(_PICKED) == tuple(cell) else tuple(cell), _WRONG: None})


def _photos(found: Training) -> None:
    """The photos of the cell, or else the mistakes, the most confident first."""
    numbers, shares, _ = found.judged
    labels = found.labels(numbers)
    cell = _picked(found)
    if cell is None:
        rows = [each.row for each in mistakes(shares, labels)][:_TILES]
        st.markdown(f"**{'The most confident mistakes' if rows else 'No mistakes'}**")
    else:
        said = shares.argmax(1)
        rows = [i for i in range(len(numbers)) if (labels[i], said[i]) == cell][:_TILES]
        true, wrong = (plain(found.photos.classes[each]) for each in cell)
        st.markdown(f"**{true}, said to be {wrong}: {len(rows)} photo{'' if len(rows) == 1 else 's'}**")
    if not rows:
        return
    chosen = session.held(_WRONG)
    tiles(
        [_tile(found, row, picked=chosen == numbers[row]) for row in rows],
        key="tl_wrong_tiles",
        alt=f"{len(rows)} photos with what the network says",
        columns=8,
        least_px=110,
        on_pick=lambda: _choose([numbers[row] for row in rows]),
    )
    if chosen in [numbers[row] for row in rows]:
        _mend(found, chosen)
    else:
        st.caption("Click a photo to move it to another class or to delete it; then train again.")


def _tile(found: Training, row: int, *, picked: bool) -> Tile:
    numbers, shares, _ = found.judged
    sample = found.photos.samples[numbers[row]]
    said = int(shares[row].argmax())
    true, name = found.photos.classes[sample.label], found.photos.classes[said]
    return Tile(
        small(sample.photo),
        f"{true}, said to be {name}",
        title=("✓ " if said == sample.label else "✗ ") + name,
        lines=(Line(f"{float(shares[row, said]):.0%} sure"), Line(f"is {true}")),
        state="picked" if picked else "",
    )


def _choose(numbers: Sequence[int]) -> None:
    place = (session.held("tl_wrong_tiles") or {}).get("picked")
    if isinstance(place, int) and 0 <= place < len(numbers):
        session.assign({_WRONG: numbers[place]})


def _mend(found: Training, number: int) -> None:
    """Move or delete the photo in the set, and train the same recipe again."""
    photos = sets.current_set()
    if photos.digest != found.photos.digest:
        st.caption(":material/info: The set has changed since this training: train again to go on from here.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = controls.select(
            "Is really", "tl_really", found.photos.classes[0], found.photos.classes, width=220
        )
        same = photos.digest == found.photos.digest
        label = found.photos.classes.index(name)
        st.button(
            "Move it there",
            icon=":material/drive_file_move:",
            key="tl_mend_move",
            on_click=_move,
            args=(number, label),
            disabled=not same or label == found.photos.samples[number].label,
        )
        st.button(
            "Delete it",
            icon=":material/delete:",
            key="tl_mend_delete",
            on_click=_delete,
            args=(number,),
            disabled=not same,
        )
        if not same:
            st.button(
                "Train again",
                type="primary",
                icon=":material/replay:",
                key="tl_again",
                on_click=_again,
                args=(found.trained.recipe,),
            )


def _move(number: int, label: int) -> None:
    sets.put(sets.current_set().relabelled([number], label))


def _delete(number: int) -> None:
    sets.put(sets.current_set().without([number]))


def _again(recipe: Recipe) -> None:
    """The same recipe on the set as it is now."""
    given = {"photos": sets.current_set(), "split": sets.current_split(), "recipe": recipe}
    jobs.start(TRAIN, Order("core.transfer.training:fine_tune", given))
