"""Features: what the layers of a real network make of your photo."""

from pages.shared import controls
from pages.shared.picture_bar import current_photo

VIEWS = ("Maps", "Filters", "Why this class?")

view = controls.choice("View", "feat_view", "Maps", VIEWS, label_visibility="collapsed")

if view == "Maps":
    from pages.networks.features_maps import maps_view

    maps_view(current_photo())
elif view == "Filters":
    from pages.networks.features_filters import filters_view

    filters_view(current_photo())
else:
    from pages.networks.features_why import why_view

    why_view(current_photo())
