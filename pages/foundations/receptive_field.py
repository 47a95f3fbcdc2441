"""Receptive field: how far into the picture one unit looks, for an own stack, for real networks, on a photo."""

from pages.shared import controls
from pages.shared.picture_bar import current_photo

view = controls.choice(
    "View",
    "rf_view",
    "Stack",
    ("Stack", "Real networks", "On your photo"),
    label_visibility="collapsed",
)

if view == "Stack":
    from pages.foundations.receptive_field_stack import stack_view

    stack_view()
elif view == "Real networks":
    from pages.foundations.receptive_field_networks import networks_view

    networks_view()
else:
    from pages.foundations.receptive_field_photo import photo_view

    photo_view(current_photo())
