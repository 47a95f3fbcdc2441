"""The Draws view: many variants of one photo, under each what was drawn for it, and one of them step by step."""

from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter

import streamlit as st

from core.augmentation import CATALOGUE, NAMES, Chain, draw_variant, odds
from core.figures import augmentation as figures
from core.figures.tiles import Tile
from core.photo import Photo
from core.snippets.augmentation import torchvision_code
from core.snippets.augmentation_numbers import first_share
from pages.foundations.augmentation_chain import NO_STRIP, STRIP, second_photo
from pages.shared import controls, session
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.lesson import Question, ask
from pages.shared.tiles import tiles

VARIANT, COUNT = "aug_variant", "aug_count"
AGAIN = ("other pictures", "the same pictures, bit for bit", "the same steps with other numbers")
_KEYS: dict[str | type, Callable] = {Photo: attrgetter("digest"), Chain: repr}
_GRID = "augmentation_grid"


def draws_view(photo: Photo, chain: Chain, seed: int) -> None:
    """Draw the strip of one transform where one is chosen, the grid, and the chosen variant step by step."""
    second = second_photo(photo) if chain.mixes else None
    strip, row, grid = (
        st.container(),
        st.container(horizontal=True, vertical_alignment="bottom"),
        st.container(),
    )
    with row:
        count = controls.choice("Variants", COUNT, 9, tuple(figures.GRIDS))
        name = _strip_name()
        number = controls.number("Enlarge", VARIANT, 1, 1, count, width=130, help="Or click a picture")
        veiled = ask(_questions(photo, chain, seed, count), "aug_")
    if name != NO_STRIP:
        with strip:
            _show_strip(photo, chain, name, seed)
    if veiled:
        grid.info("Hidden until you have made your prediction.", icon=":material/visibility_off:")
        return
    found = list(_variants(photo, chain, count, seed, second))
    found[number] = replace(found[number], state="picked")
    with grid:
        alt = f"The original and {count} variants of it"
        tiles(found, key=_GRID, alt=alt, columns=figures.GRIDS[count][0], on_pick=_pick)
    _step_by_step(photo, chain, seed, second, number)


def _strip_name() -> str:
    return controls.select(
        "Weak to strong",
        STRIP,
        NO_STRIP,
        (NO_STRIP, *NAMES),
        format_func=lambda name: CATALOGUE[name].title if name in CATALOGUE else "choose one",
        width=190,
        help="Or click a transform of the chain",
    )


def _show_strip(photo: Photo, chain: Chain, name: str, seed: int) -> None:
    """One transform from its weakest to its strongest, with its range, unit and source."""
    kind = CATALOGUE[name]
    second = second_photo(photo) if kind.kind == "mix" else None
    held = next((step for step in chain.all_steps if step.transform == name), None)
    shown = _strip(photo, chain, name, seed, second)
    tiles(
        shown,
        key="augmentation_strip",
        alt=f"{kind.title} at rising strength",
        columns=len(shown),
        least_px=104,
    )
    reach = "on or off" if kind.switch else f"from {kind.low:g} to {kind.high:g} {kind.unit}".strip()
    drawn = f"; the chain draws from {figures.range_text(held)} (framed)" if held and not kind.switch else ""
    st.caption(f"**{kind.title}**, {reach}{drawn}: {kind.meaning} ({kind.source}).")


def _pick() -> None:
    """A click on a picture; the original is no variant."""
    picked = session.held(_GRID)["picked"]
    if isinstance(picked, int) and 1 <= picked <= max(figures.GRIDS):
        session.assign({VARIANT: picked})


def _step_by_step(photo: Photo, chain: Chain, seed: int, second: Photo | None, number: int) -> None:
    """One variant, larger: the photo after every step; the label's shares; the code that makes it again."""
    st.markdown(f"**Variant {number}, step by step**")
    shown = _steps(photo, chain, seed, number, second)
    tiles(
        shown, key="augmentation_steps", alt=f"Variant {number} after every step", columns=max(len(shown), 3)
    )
    if len(shown) == 1:
        st.caption("No step was carried out: this one is the original.")
    left, right = st.columns(2)
    if second is not None:
        draw = draw_variant(chain, photo.pixels.shape[:2], seed, number - 1)
        with left:
            show_formula(figures.mix_formula(draw, (photo.name, second.name)))
        with right:
            code_panel(first_share(draw))
    with right if second is not None else left:
        code_panel(torchvision_code(chain), "Show the code of the chain")


def _questions(photo: Photo, chain: Chain, seed: int, count: int) -> tuple[Question, ...]:
    """Three things to predict from the chain alone."""
    hw = photo.pixels.shape[:2]
    taken = [sum(each.applied for each in draw_variant(chain, hw, seed, i).steps) for i in range(count)]
    exact = odds(chain)
    return (
        Question(
            "untouched",
            f"How many of the {count} variants will be the original, with no step carried out?",
            taken.count(0),
            exact.formulas[0],
        ),
        Question(
            "steps",
            f"How many steps will be carried out in all {count} variants together?",
            sum(taken),
            exact.formulas[1],
        ),
        Question(
            "again",
            f"Draw again, then set the seed back to {seed}. What do you get?",
            AGAIN[1],
            "Everything random comes from one generator that the seed starts: the same seed throws the same dice.",
            AGAIN,
        ),
    )


@st.cache_data(max_entries=24, show_spinner=False, hash_funcs=_KEYS)
def _variants(photo: Photo, chain: Chain, count: int, seed: int, second: Photo | None) -> tuple[Tile, ...]:
    names = (photo.name, second.name if second else "")
    return figures.variant_tiles(chain, photo.pixels, count, seed, second and second.pixels, names)


@st.cache_data(max_entries=48, show_spinner=False, hash_funcs=_KEYS)
def _strip(photo: Photo, chain: Chain, name: str, seed: int, second: Photo | None) -> tuple[Tile, ...]:
    step = next((each for each in chain.all_steps if each.transform == name), None)
    return figures.strip_tiles(name, photo.pixels, seed, second and second.pixels, step)


@st.cache_data(max_entries=48, show_spinner=False, hash_funcs=_KEYS)
def _steps(photo: Photo, chain: Chain, seed: int, number: int, second: Photo | None) -> tuple[Tile, ...]:
    draw = draw_variant(chain, photo.pixels.shape[:2], seed, number - 1)
    return figures.step_tiles(draw, photo.pixels, second and second.pixels)
