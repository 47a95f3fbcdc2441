"""Transfer learning: a network that was trained on ImageNet learns your own classes."""

from pages.networks.transfer_photos import photos_view

photos_view()
