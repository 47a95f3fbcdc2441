"""Overview: what can be explored, each in a picture computed from the present photo."""

from operator import attrgetter

import streamlit as st

from core import networks
from core.augmentation import NAMES
from core.figures import overview as figures
from core.figures import overview_augmentation as augmented
from core.figures.encoding import encode
from core.photo import Photo
from core.receptive_field import NETWORKS
from core.warm import READY
from pages.shared.heavy import kept
from pages.shared.picture_bar import current_photo
from pages.shared.turns import fragment

CONVOLUTION = "pages/foundations/convolution.py"
RECEPTIVE_FIELD = "pages/foundations/receptive_field.py"
AUGMENTATION = "pages/foundations/augmentation.py"
FEATURES = "pages/networks/features.py"
TRANSFER = "pages/networks/transfer.py"
DETECTION = "pages/applications/detection.py"
Card = tuple[str | None, str, str, str, str, str, dict[str, str]]
"""What `card` draws, in its order."""
COST_EXAMPLE = {
    "conv_cost_channels": str(figures.EXAMPLE.in_channels),
    "conv_cost_filters": str(figures.EXAMPLE.filters),
    "conv_cost_height": str(figures.EXAMPLE.input_hw[0]),
    "conv_cost_width": str(figures.EXAMPLE.input_hw[1]),
    "conv_cost_bias": "false",
    "conv_cost_wiring": figures.cost_example()[1].label,
}


@st.cache_data(max_entries=32, show_spinner=False, hash_funcs={Photo: attrgetter("digest")})
def from_photo(photo: Photo) -> dict[str, str]:
    """The pictures that show the photo, as addresses or SVG."""
    pixels = photo.pixels
    return {
        "numbers": figures.numbers_svg(pixels),
        "photo": encode(figures.photo_bands(pixels)).uri,
        "networks": encode(figures.nested_fields(pixels)).uri,
        "unit": encode(figures.one_field(pixels)).uri,
        "variants": encode(augmented.variant_grid(pixels)).uri,
        "targets": encode(augmented.following_box(pixels)).uri,
        "transforms": encode(augmented.every_transform(pixels)).uri,
    }


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


@kept(st.cache_data, 32, {Photo: attrgetter("digest")})
def from_detector(photo: Photo) -> tuple[str, str, str]:
    """Three pictures of the embedded detector in front of the photo."""
    from core.figures import overview_detection as detected

    seen = detected.seen_by_default(photo)
    makers = (detected.boxes_picture, detected.candidates_picture, detected.cells_picture)
    boxes, candidates, cells = (encode(make(photo, seen)).uri for make in makers)
    return boxes, candidates, cells


def detection() -> None:
    """The cards of detection."""
    boxes, candidates, cells = from_detector(current_photo()) if READY.is_set() else (None, None, None)
    cards(
        (
            boxes,
            "The photo with a box around each object that the detector finds",
            "What is where",
            "A detector of our own finds 80 kinds of objects on your photo, without internet.",
            DETECTION,
            "Find objects",
            {"det_view": "Boxes"},
        ),
        (
            candidates,
            "The photo with all boxes that the detector proposes, many for each object",
            "Who removed whom",
            "Step through non-maximum suppression, one decision at a time, to the kill list.",
            DETECTION,
            "Step through it",
            {"det_view": "Suppression"},
        ),
        (
            cells,
            "The photo under a grid: cells in the middle of an object are bright",
            "From the tensor to the box",
            "Click a cell: its 85 numbers, and the arithmetic that makes a box of them.",
            DETECTION,
            "Open the tensor",
            {"det_view": "From the tensor"},
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


def networks_to_come() -> None:
    """The same without pictures, until they can be made."""
    if READY.is_set():
        st.rerun()
    networks_rooms()


def card(
    picture: str | None, alt: str, title: str, promise: str, page: str, link: str, parameters: dict[str, str]
) -> None:
    """A view: its picture, what it shows, and the way there."""
    with st.container(border=True, height="stretch"):
        if picture is None:
            st.skeleton(height=190)
        else:
            st.image(picture, alt=alt, width="stretch")
        st.markdown(f"**{title}**  \n{promise}")
        st.page_link(page, label=link, icon=":material/arrow_forward:", query_params=parameters)


def cards(*contents: Card) -> None:
    """A row of cards."""
    for column, content in zip(st.columns(3), contents, strict=True):
        with column:
            card(*content)


photo = current_photo()
drawn = from_photo(photo)
standard, separable = (arrangement.cost.multiplications for arrangement in figures.cost_example())
sizes = [row.size for row in figures.vgg_pools()]
stack = figures.stack_rows()

st.markdown(
    "Take a convolutional network apart, number by number, on a picture of your own. "
    "Choose one above, and the photos below follow."
)
st.subheader("Convolution", anchor=False)
cards(
    (
        drawn["numbers"],
        "A patch of the photo, a Sobel kernel and the output, with one window and its result framed",
        "Every product and sum",
        "Hover one number of the output and see its window, its products and their sum.",
        CONVOLUTION,
        "Work through the numbers",
        {"conv_view": "Numbers", "conv_source": "Photo"},
    ),
    (
        drawn["photo"],
        "The photo, then its vertical edges in blue and orange, then the edges pooled to coarse squares",
        "On the whole photo",
        "Filter, ReLU and pooling, one after the other, with kernels of your own or learned ones.",
        CONVOLUTION,
        "Filter the photo",
        {"conv_view": "Photo", "conv_photo_kernel": "Sobel x", "conv_photo_relu": "true"},
    ),
    (
        figures.cost_svg(),
        "Wiring of a depthwise separable layer, and two bars: its cost below that of a standard layer",
        "What a layer costs",
        f"Rewire a layer from {standard:,} multiplications down to {separable:,}.",
        CONVOLUTION,
        "Count the cost",
        {"conv_view": "Cost"} | COST_EXAMPLE,
    ),
)

st.subheader("Receptive field", anchor=False)
cards(
    (
        figures.stack_svg(),
        f"Three layers from the side: one unit on top sees {stack[-1].size} pixels at the bottom",
        "Stack layers, see further",
        f"{len(stack) - 1} layers of {stack[1].size} × {stack[1].size} see "
        f"{stack[-1].size} × {stack[-1].size} pixels: build a stack and follow the rule.",
        RECEPTIVE_FIELD,
        "Build a stack",
        {"rf_view": "Stack"},
    ),
    (
        drawn["networks"],
        "Boxes one in another on the photo: what a unit sees after each of VGG-16's five poolings",
        "Real networks",
        f"From {sizes[0]} to {sizes[-1]} pixels through VGG-16: compare {len(NETWORKS)} networks, exactly.",
        RECEPTIVE_FIELD,
        "Trace a network",
        {"rf_view": "Real networks", "network": "vgg16"},
    ),
    (
        drawn["unit"],
        "The photo dimmed except for the box that one unit of VGG-16's last map can see",
        "Through the eye of one unit",
        "Click a unit: what it can see, what it really looks at, and a pixel that cannot move it.",
        RECEPTIVE_FIELD,
        "Look through a unit",
        {"rf_view": "On your photo", "network": "vgg16"},
    ),
)

st.subheader("Augmentation", anchor=False)
cards(
    (
        drawn["variants"],
        "Six variants of the photo: zoomed, turned, mirrored, with other colours",
        "One photo, many photos",
        "Chain transforms and see what the dice really drew for every variant.",
        AUGMENTATION,
        "Draw variants",
        {"aug_view": "Draws"},
    ),
    (
        drawn["targets"],
        "The photo turned, with the turned box in white and the upright box around it in yellow",
        "Boxes, masks and keypoints follow",
        "Mark your photo and watch the marks move along; see what a box loses in a rotation.",
        AUGMENTATION,
        "Mark the photo",
        {"aug_view": "Targets"},
    ),
    (
        drawn["transforms"],
        "Eight transforms of the photo, each strong: turned, bent, recoloured, blurred, partly erased",
        "Does the label survive?",
        f"Turn one of {len(NAMES)} transforms up until the network changes its mind, or until it is right to.",
        AUGMENTATION,
        "Turn up a transform",
        {"aug_view": "Label"},
    ),
)

if READY.is_set():
    networks_rooms()
else:
    fragment(networks_to_come, run_every=1.0)()
