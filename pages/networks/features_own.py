"""Your own network: bring its weights, and look through it as through any other.

It belongs to this session alone, stays while the visitor changes pages, and is freed when the session ends.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

import streamlit as st

from core import networks
from core.freed_memory import give_back_soon
from core.networks.file_label import FileLabel
from core.receptive_field import NETWORKS
from pages.shared import allowance, controls, session
from pages.shared.heavy import heavy
from pages.shared.plain_text import plain

OWN = "your own"
_PANEL = "Your network"
ARCHITECTURES = tuple(
    name for name in NETWORKS if not name.startswith("squeezenet")
)  # it ends in a map of classes
_NAME_LETTERS = 60
_ANGLES = str.maketrans("<>", "‹›")  # charts read tags
_TRIED, _ERROR, _TURN = "feat_own_tried", "feat_own_error", "feat_own_turn"


@dataclass(slots=True)
class _Place:
    """What one visitor has brought: the name of a network, or ""."""

    name: str = ""
    closed: bool = False
    lock: Lock = field(default_factory=Lock)

    def put(self, name: str) -> None:
        """Take a network in the place of the one before; the session may have ended meanwhile."""
        with self.lock:
            before, self.name = (name, "") if self.closed else (self.name, name)
        networks.let_go(before)

    def close(self) -> None:
        """The session has ended."""
        with self.lock:
            self.closed = True
        self.put("")
        give_back_soon()


@st.cache_resource(scope="session", show_spinner=False, on_release=_Place.close)
def _place_of(owner: str) -> _Place:
    return _Place()


def _place() -> _Place:
    return _place_of(session.owner())


def brought() -> str:
    """The name of this visitor's own network for `core.networks`, or "" while there is none."""
    return _place().name


def choose(names: tuple[str, ...], key: str = "network", label: str = "Network", width: int = 210) -> str:
    """The list of networks with the visitor's own at its end, and beside it the way to bring one.

    Returns the name for `core.networks`; while nothing was brought, that of the first network.
    """
    name = controls.select(label, key, names[0], (*names, OWN), width=width)
    if name != OWN:
        return name
    with st.popover(_PANEL, icon=":material/upload:", type="secondary" if brought() else "primary"):
        _panel(st.empty())
    return brought() or names[0]


def notice() -> None:
    """Say what is shown while nothing was brought, and what is remarkable about what was."""
    if session.held("network") != OWN:
        return
    if not brought():
        st.info(
            f"Say under **{_PANEL}** which architecture it has, and bring its weights. Until then you see "
            f"{networks.title_of(networks.DEFAULT)}.",
            icon=":material/upload:",
        )
        return
    for note in networks.notes_of(brought()):
        st.warning(plain(note), icon=":material/info:")


def adopt(name: str) -> None:
    """A network that is in the app already becomes this visitor's own on the Features page, too."""
    _place().put(networks.hold_again(name))


def bring_labelled(data: bytes, label: FileLabel) -> None:
    """A file that says what it is becomes this visitor's own network.

    Raises: CheckpointError, ValueError: sentences for a person.
    """
    classes = label.classes
    _place().put(networks.bring(data, label.architecture, len(classes), classes, "loaded back"))


def _panel(place: st.delta_generator.DeltaGenerator) -> None:
    """The form, or what was brought by it."""
    if not brought():
        with place.container():
            _form()
    if brought():
        with place.container():
            _about(brought())


def _about(name: str) -> None:
    known = networks.record(name)
    few = [plain(each) for each in known.categories[:3]]
    more = f", … {len(known.categories):,} in all" if len(known.categories) > len(few) else ""
    st.markdown(f"**{known.title}**  \n{plain(known.weights.source)}")
    st.markdown(f"{known.parameters:,} parameters; classes: {', '.join(few)}{more}")
    how = known.preprocessing
    st.caption(
        f"Your photo reaches it as its architecture expects it: {how.crop_px} × {how.crop_px} px, mean "
        f"{_channels(how.mean)}, deviation {_channels(how.std)}. Trained otherwise, it will be off."
    )
    st.button("Let it go", icon=":material/delete:", key="feat_own_drop", on_click=_drop)


def _channels(values: tuple[float, ...]) -> str:
    return "/".join(f"{value / 255:.3f}" for value in values)


def _form() -> None:
    """Architecture, classes and file: once all are there, the network is read."""
    left, right = st.columns([3, 2])
    with left:
        architecture = controls.select("Architecture", "feat_own_architecture", "resnet18", ARCHITECTURES)
    with right:
        classes = controls.number("Classes", "feat_own_classes", 10, 1, networks.CLASSES_MOST)
    names = st.text_area(
        "Names of the classes, one a line (if you like)",
        key="feat_own_names",
        height=90,
        persist_state="session",
    )
    allowance.expect_weights()
    turn = session.held(_TURN, 0)  # a new key empties the widget once its file has been taken in
    file = st.file_uploader(
        "A state dict: .safetensors, or .pt from torch.save",
        key=f"feat_own_file_{turn}",
        max_upload_size=allowance.WEIGHTS_MIB,
        help="Nothing in it is executed. It stays in the memory of this session and is gone when you close the page.",
    )
    stored = networks.folder_files()
    shelf = (
        st.selectbox("Or from the server's folder", stored, None, key=f"feat_own_shelf_{turn}")
        if stored
        else None
    )
    if file is None and shelf is None:
        st.caption(
            "Larger files are offered here if they lie in the folder `own` of the one that `CONVNET_EXPLORER_WEIGHTS` "
            "names on the computer that runs the app."
        )
        session.drop(_TRIED)
        return
    said = _Said(architecture, int(classes), _class_names(names))
    if file is not None:
        _take(said, file.file_id, file.name, file.getvalue, networks.FILE_BYTES_MOST)
        if brought():
            session.release_upload(file)
            session.drop(f"feat_own_file_{turn}")
    elif shelf is not None:
        _take(said, shelf, shelf, lambda: networks.from_folder(shelf), networks.FOLDER_BYTES_MOST)
    error = session.held(_ERROR)
    if error:
        st.error(plain(error), icon=":material/error:")


@dataclass(frozen=True, slots=True)
class _Said:
    """What the visitor says about a file."""

    architecture: str
    classes: int
    names: tuple[str, ...]


def _class_names(text: str) -> tuple[str, ...]:
    """The lines as names: printable, of a length that fits, and without tags."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return tuple(
        "".join(filter(str.isprintable, line))[:_NAME_LETTERS].translate(_ANGLES) for line in lines if line
    )


def _take(said: _Said, identity: str, file_name: str, read: Callable[[], bytes], most: int) -> None:
    """Read a file once for what is said about it: a network, or a sentence why it is none."""
    if session.held(_TRIED) == (identity, said):
        return
    session.assign({_TRIED: (identity, said), _ERROR: ""})
    try:
        with heavy(), st.spinner("Reading your network …"):
            name = networks.bring(
                read(),
                said.architecture,
                said.classes,
                said.names,
                file_name,
                most=most,
            )
    except ValueError as error:  # a CheckpointError, or another number of names than of classes
        session.assign({_ERROR: str(error)})
        return
    _place().put(name)
    session.assign({_TURN: session.held(_TURN, 0) + 1})
    session.drop(_TRIED)


def _drop() -> None:
    _place().put("")
    give_back_soon()
