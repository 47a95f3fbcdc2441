"""Neural style transfer: at once by a trained network, and step by step by optimisation."""

from core.style.gram_matrix import gram

__all__ = ["gram"]
