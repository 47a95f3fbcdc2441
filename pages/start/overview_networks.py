"""The first page's cards whose pictures come from a network."""

from operator import attrgetter

import streamlit as st

from core import networks
from core.figures.encoding import encode
from core.photo import Photo
from core.warm import READY
from pages.shared.heavy import kept
from pages.shared.picture_bar import current_photo
from pages.start.overview_applications import detection, style, two_stages
from pages.start.overview_cards import cards

FEATURES = "pages/networks/features.py"
TRANSFER = "pages/networks/transfer.py"


@kept(st.cache_data, 32, {Photo: attrgetter("digest")})
def from_network(photo: Photo) -> tuple[str, str, str, str]:
    """Three pictures of the packaged network in front of the photo, and what it says."""
    # Imported here: no picture of it is drawn before PyTorch is there, and the first page does not wait for either.
    from core.figures import overview_features as featured

    seen = featured.seen_by_default(photo)
    why, answer = featured.why_picture(seen)
    pictures = (featured.maps_picture(seen), featured.filters_picture(), why)
    return *(encode(each).uri for each in pictures), answer


@kept(st.cache_data, 1)
def of_training() -> tuple[str, str, str]:
    """Three pictures of transfer learning; they show no photo of the visitor's."""
    from core.figures import overview_transfer as trained
    from core.transfer.stages import stages_of

    strip = trained.strip_svg(stages_of(networks.DEFAULT), 2)
    return encode(trained.set_picture()).uri, strip, trained.sure_svg()


def features() -> None:
    """The cards of the features room; their pictures come when PyTorch is there, and no page waits for it."""
    pictures = from_network(current_photo()) if READY.is_set() else None
    maps, filters, why, answer = pictures or (None, None, None, "")
    cards(
        (
            maps,
            "Twenty-four maps of an early layer: the photo's edges and surfaces in blue and orange",
            "What every layer sees",
            "All channels of any layer for your photo; take one unit apart, cut a wire and look again.",
            FEATURES,
            "Look through a network",
            {"feat_view": "Maps"},
        ),
        (
            filters,
            "The thirty-two filters of a network's first layer as small colour pictures",
            "Filters and dreams",
            "What a channel reads, the picture it would like best, drawn live, and its nine strongest patches.",
            FEATURES,
            "Open the filters",
            {"feat_view": "Filters"},
        ),
        (
            why,
            f"The crop that the network saw, and beside it lit up what speaks for {answer}",
            "Why this class?",
            f"The network says {answer}. Nine methods show why, and three tests whether to believe them."
            if answer
            else "Nine methods show why, and three tests whether to believe them.",
            FEATURES,
            "Ask why",
            {"feat_view": "Why this class?"},
        ),
    )


def transfer() -> None:
    """The cards of transfer learning."""
    photos, strip, sure = of_training() if READY.is_set() else (None, None, None)
    cards(
        (
            photos,
            "Forty-five small photos in five rows: brick, grass, gravel, tissue and galaxies",
            "Your own classes",
            "Bring photos in classes; near-duplicates are found, and the set is split before anything is augmented.",
            TRANSFER,
            "Choose photos",
            {"tl_view": "Photos"},
        ),
        (
            strip,
            "A network as bars: most are frozen grey, the last two stages and a small new head are in colour",
            "Freeze, train, watch",
            "Drag the boundary between what is frozen and what trains, and watch the network learn.",
            TRANSFER,
            "Train a network",
            {"tl_view": "Train"},
        ),
        (
            sure,
            "The same accuracy on 10, 100 and 1,000 photos: the interval around it shrinks to a dot",
            "A fair race",
            "Several approaches, the same photos and budget, and whether their difference is more than chance.",
            TRANSFER,
            "Start a race",
            {"tl_view": "Race"},
        ),
    )


def networks_rooms() -> None:
    """The cards whose pictures come from a network."""
    st.subheader("Features of a trained network", anchor=False)
    features()
    st.subheader("Transfer learning", anchor=False)
    transfer()
    st.subheader("Detection", anchor=False)
    detection()
    st.subheader("Two stages", anchor=False)
    two_stages()
    st.subheader("Style transfer", anchor=False)
    style()


def networks_to_come() -> None:
    """The same without pictures, until they can be made."""
    if READY.is_set():
        st.rerun()
    networks_rooms()
