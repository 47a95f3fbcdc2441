"""The chain, its seed and the second photo: the settings that all views of the page share, all of them in the link."""

import streamlit as st

from core import bundled
from core.augmentation import NAMES, Chain
from core.augmentation.text import LONGEST, chain_from_text, chain_to_text
from core.figures.augmentation import chain_from_edit, editor_data
from core.photo import Photo
from pages.shared import controls, edits, session
from pages.shared.chain_editor import chain_editor
from pages.shared.plain_text import plain

TEXT, SEED, SECOND, STRIP = "aug_chain", "aug_seed", "aug_second", "aug_strip"
MADE = "augmentation_made"  # the chain's text outlives the page: other pages augment with it
DEFAULT_TEXT = "zoom rotate crop contrast flip*0.5"
LARGEST_SEED = 9999
NO_STRIP = "none"
_EDITOR, _REFUSED = "augmentation_editor", "augmentation_refused"


def current_chain() -> Chain:
    """The chain of the link, or the default one where its text is none."""
    return read_chain(session.held(TEXT, DEFAULT_TEXT))[0]


def read_chain(text: str) -> tuple[Chain, str]:
    """The chain of a text, and the sentence that says why the default chain stands in for it, or ""."""
    try:
        return chain_from_text(text), ""
    except ValueError as error:
        return chain_from_text(DEFAULT_TEXT), str(error)


def load_chain(chain: Chain) -> None:
    """Put a chain into the link: for callbacks (an edit, an imported recipe); ValueError for one too long for it."""
    text = chain_to_text(chain)
    if len(text) > LONGEST:
        raise ValueError(f"A chain has at most {LONGEST} characters as text, got {len(text)}.")
    session.assign({TEXT: text, _REFUSED: ""})


def current_seed() -> int:
    """The seed of the link."""
    return session.held(SEED, 0)


def _draw_again() -> None:
    session.assign({SEED: (current_seed() + 1) % (LARGEST_SEED + 1)})


def second_photo(photo: Photo) -> Photo:
    """The other photo of MixUp and CutMix: the chosen one, else a bundled one that is not the first."""
    name = session.held(SECOND)
    own = session.album().photos.get(name)
    if own is not None:
        return own
    return bundled.bundled(name if name in bundled.NAMES else _another(photo))


def _another(photo: Photo) -> str:
    return next(name for name in ("Flower", *bundled.NAMES) if name != photo.name)


def chain_field() -> Chain:
    """Draw the field that holds the chain for the link, folded away, and return the chain."""
    with st.expander("This chain as text", icon=":material/link:"):
        st.caption("The link of this page carries this text, so it opens exactly this chain.")
        text = controls.text("Chain", TEXT, DEFAULT_TEXT, most=LONGEST)
        chain, refused = read_chain(text)
        if refused:
            st.caption(f":material/info: {plain(refused)} The default chain is shown instead.")
    session.assign({MADE: chain_to_text(chain)})
    return chain


def seed_field() -> int:
    """Draw the seed and the button that takes the next one."""
    with st.container(horizontal=True, vertical_alignment="bottom", width="content"):
        seed = controls.number("Seed", SEED, 0, 0, LARGEST_SEED, width=130)
        st.button("Draw again", icon=":material/casino:", on_click=_draw_again, type="primary")
    return seed


def second_field(photo: Photo) -> None:
    """Draw the choice of the second photo."""
    names = (*session.album().photos, *bundled.NAMES)
    controls.select("Second photo", SECOND, _another(photo), names, width=170)


def edit_chain(chain: Chain) -> None:
    """Draw the editor, unless the link hides the chain."""
    if TEXT in controls.hidden_keys():
        return
    data = editor_data(chain, session.held(_REFUSED, ""), edits.taken(_EDITOR))
    chain_editor(data, key=_EDITOR, on_edit=_take_edit)


def _take_edit() -> None:
    """What the editor sent: into the link, or one sentence why not."""
    try:
        edit = edits.take(_EDITOR)
        load_chain(chain_from_edit(edit))
        if edit.get("shown") in (*NAMES, NO_STRIP):
            session.assign({STRIP: edit["shown"]})
    except ValueError as error:
        session.assign({_REFUSED: str(error)})
