"""Convolution: the arithmetic in numbers, the same operation on a whole photo, and what a layer costs."""

from pages.shared import controls
from pages.shared.picture_bar import current_photo

view = controls.choice(
    "View", "conv_view", "Numbers", ("Numbers", "Photo", "Cost"), label_visibility="collapsed"
)

if view == "Numbers":
    from pages.foundations.convolution_numbers import numbers_view

    numbers_view(current_photo())
elif view == "Photo":
    from pages.foundations.convolution_photo import photo_view

    photo_view(current_photo())
else:
    from pages.foundations.convolution_cost import cost_view

    cost_view()
