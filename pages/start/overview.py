"""Overview: what can be explored, each in a picture computed from the present photo."""

from operator import attrgetter

import streamlit as st

from core.augmentation import NAMES
from core.figures import overview as figures
from core.figures import overview_augmentation as augmented
from core.figures.encoding import encode
from core.photo import Photo
from core.receptive_field import NETWORKS
from core.warm import READY
from pages.shared.picture_bar import current_photo
from pages.shared.turns import fragment
from pages.start.overview_cards import cards
from pages.start.overview_networks import networks_rooms, networks_to_come

CONVOLUTION = "pages/foundations/convolution.py"
RECEPTIVE_FIELD = "pages/foundations/receptive_field.py"
AUGMENTATION = "pages/foundations/augmentation.py"
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
