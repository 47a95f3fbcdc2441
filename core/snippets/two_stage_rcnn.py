"""A few lines that cut a region out of a map; they leave their answer in `result`."""

from core.two_stage.rcnn import BINS, STRIDE, Cut


def region(shown: tuple[float, ...], cut: Cut) -> str:
    """A proposal's part of the map, [channels, 7, 7], by torchvision.

    Args:
        shown: the region in pixels of the trunk's input.
    """
    edges = ", ".join(f"{each:.6g}" for each in shown)
    call = (
        f"roi_align(maps, region, {BINS}, 1 / {STRIDE}, sampling_ratio=2, aligned=True)"
        if cut == "align"
        else f"roi_pool(maps, region, {BINS}, 1 / {STRIDE})"
    )
    return f"""import torch
from torchvision.ops import roi_{cut}

# maps: [1, channels, rows, columns], the trunk's last map
region = torch.tensor([[0, {edges}]], dtype=maps.dtype)  # picture, left, top, right, bottom in pixels of the input
result = {call}[0]
"""
