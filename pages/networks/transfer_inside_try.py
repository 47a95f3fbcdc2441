"""Try it: what the new network says of the picture above, and which places speak for it."""

import streamlit as st

from core.features.explanations import Effort
from core.features.explanations.subject import layers_to_explain
from core.features.scene import Look
from core.networks import CheckpointError
from core.photo import Photo
from pages.networks import features_maps_source as maps_source
from pages.networks import features_why_source as why_source
from pages.networks.features_own import OWN, adopt
from pages.networks.features_why_source import Asked
from pages.networks.transfer_runs import Training, look_of
from pages.shared import controls
from pages.shared.picture_bar import current_photo
from pages.shared.plain_text import plain

_FEATURES = "pages/networks/features.py"


def try_section(found: Training) -> None:
    """Probabilities of all classes, Grad-CAM, and the way to the features page."""
    try:
        look = look_of(found.trained)
    except CheckpointError as error:  # other visitors' networks take all the room there is
        st.warning(plain(str(error)), icon=":material/info:")
        return
    tried(look, found.trained.classes)
    if st.button("Look through it on the Features page", icon=":material/grid_view:", key="tl_to_features"):
        adopt(look.network)
        st.switch_page(_FEATURES, query_params={"network": OWN, "feat_view": "Maps"})


def tried(look: Look, names: tuple[str, ...]) -> None:
    """What a network says of the picture above, and the places that speak for it."""
    photo = current_photo()
    shares = why_source.shares(photo, look)
    left, middle, right = st.columns([4, 4, 4], gap="medium")
    with left:
        st.image(
            maps_source.scene(photo, look).pixels,
            alt="The square of the picture that the network sees",
            width="stretch",
        )
        st.caption("What the network sees: the middle of the picture above, at the size it was trained on.")
    with middle:
        for label in sorted(range(len(names)), key=lambda each: -shares[each])[:8]:
            st.progress(float(shares[label]), f"{plain(names[label])}: **{shares[label]:.1%}**")
        if len(names) < 10:
            st.caption("It must choose one of its classes, whatever the picture shows.")
    with right:
        _places(look, names, photo, int(shares.argmax()))


def _places(look: Look, names: tuple[str, ...], photo: Photo, best: int) -> None:
    """Grad-CAM of a class on the new network."""
    name = controls.select(
        "Which places speak for", "tl_cam_class", _first(names[best]), (_first(names[best]), *names)
    )
    category = best if name not in names else names.index(name)
    layers = layers_to_explain(maps_source.scene(photo, look).circuit)
    asked = Asked(photo, look, layers[-1].name if layers else "", category, Effort())
    explained = why_source.explanation(asked, "grad_cam") if layers else None
    if explained is None:
        st.caption("This network has no map with places left at this size: train it on larger squares.")
        return
    picture = why_source.drawn(asked, "grad_cam", "heat", explained)
    st.image(picture.uri, alt=f"Grad-CAM: places that speak for {names[category]}", width="stretch")
    st.caption(f"Grad-CAM at {asked.layer}, {' × '.join(map(str, layers[-1].hw))} places.")


def _first(name: str) -> str:
    return f"its answer ({name})"
