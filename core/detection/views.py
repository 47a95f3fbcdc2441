"""Endless views of few photos, made in batches where the training runs: cut, scaled, mirrored, coloured, put together.

Boxes need not follow: the teacher is asked about the very view that the student sees.
"""

import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor
from torch.nn import functional

from core.detection.layout import SIDE
from core.detection.letterbox import GREY

ATLAS = 512
_ZOOM = (0.55, 2.4)  # of the size at which the whole photo fits
_STRETCH = 0.15
_TOP_LEFT, _MOSAIC, _GREYSCALE = 0.25, 0.35, 0.05  # probabilities
_BRIGHT, _CONTRAST, _SATURATION, _TINT = 0.3, 0.3, 0.5, 0.1


class Views:
    """A place for all photos, and what is made of them.

    Args:
        photos: RGB, any size. device: where they lie. seed: of all draws.
    """

    def __init__(
        self, photos: Sequence[UInt8[np.ndarray, "_ _ 3"]], device: torch.device, seed: int = 0
    ) -> None:
        atlas = np.full((len(photos), 3, ATLAS, ATLAS), GREY, np.uint8)
        sizes = np.zeros((len(photos), 2), np.float32)
        for number, photo in enumerate(photos):
            scale = min(1.0, ATLAS / max(photo.shape[:2]))
            size = max(1, round(photo.shape[1] * scale)), max(1, round(photo.shape[0] * scale))
            small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA) if scale < 1 else photo
            atlas[number, :, : size[1], : size[0]] = small[:, :, ::-1].transpose(2, 0, 1)  # blue, green, red
            sizes[number] = size
        self._atlas = torch.from_numpy(atlas).to(device)
        self._sizes = torch.from_numpy(sizes).to(device)  # [photos, 2]: width, height
        self._draw = torch.Generator(device).manual_seed(seed)
        self._device = device

    def plain(self, numbers: Sequence[int]) -> Tensor:
        """These photos letterboxed, as they are: [b, 3, 416, 416]."""
        chosen = torch.tensor(numbers, device=self._device)
        size = self._sizes[chosen]  # [b, 2]
        scale = (SIDE / size.max(dim=1).values)[:, None].expand(-1, 2)
        return self._laid(
            chosen, scale, torch.zeros_like(size), torch.ones(len(numbers), device=self._device)
        )

    def batch(self, numbers: Sequence[int], count: int) -> Tensor:
        """`count` random views of these photos, [b, 3, 416, 416], blue, green, red, 0 to 255."""
        known = torch.tensor(numbers, device=self._device)
        pictures = self._view(known, count)
        mixed = round(_MOSAIC * count)
        if mixed:
            corner = self._uniform((mixed, 2), 0.25, 0.75) * SIDE  # where four photos meet
            along = torch.arange(SIDE, device=self._device)
            right = (along[None] >= corner[:, :1])[:, None, None, :]  # [m, 1, 1, side]
            below = (along[None] >= corner[:, 1:])[:, None, :, None]
            others = [self._view(known, mixed) for _ in range(3)]
            top = torch.where(right, others[0], pictures[:mixed])
            bottom = torch.where(right, others[1], others[2])
            pictures[:mixed] = torch.where(below, bottom, top)
        return self._coloured(pictures)

    def _uniform(self, shape: Any, low: float, high: float) -> Tensor:
        return torch.rand(shape, generator=self._draw, device=self._device) * (high - low) + low

    def _view(self, known: Tensor, count: int) -> Tensor:
        chosen = known[torch.randint(len(known), (count,), generator=self._draw, device=self._device)]
        size = self._sizes[chosen]
        zoom = self._uniform(count, math.log(_ZOOM[0]), math.log(_ZOOM[1])).exp()
        stretch = self._uniform(count, -_STRETCH, _STRETCH).exp()
        fit = SIDE / size.max(dim=1).values * zoom
        scale = torch.stack([fit * stretch.sqrt(), fit / stretch.sqrt()], dim=1)  # [b, 2]
        room = SIDE - size * scale  # below zero where the photo is larger than the view
        offset = room * self._uniform((count, 2), 0, 1)
        corner = self._uniform((count, 1), 0, 1) < _TOP_LEFT
        offset = torch.where(corner & (room > 0), torch.zeros_like(offset), offset)
        mirror = torch.where(self._uniform(count, 0, 1) < 0.5, -1.0, 1.0)
        return self._laid(chosen, scale, offset, mirror)

    def _laid(self, chosen: Tensor, scale: Tensor, offset: Tensor, mirror: Tensor) -> Tensor:
        """Photos scaled and moved into squares: pixel p of the view shows (p - offset) / scale of the photo."""
        size = self._sizes[chosen]
        centre = (torch.arange(SIDE, device=self._device) + 0.5)[None, :, None]  # [1, side, 1]
        at = (centre - offset[:, None]) / scale[:, None]  # [b, side, 2]: x and y in photo pixels
        x = torch.where(mirror[:, None] > 0, at[..., 0], size[:, None, 0] - at[..., 0])
        y = at[..., 1]
        grid = torch.stack(
            [x[:, None].expand(-1, SIDE, -1), y[:, :, None].expand(-1, -1, SIDE)], dim=-1
        )  # [b, side, side, 2]
        values = self._atlas[chosen].float() - GREY
        found = functional.grid_sample(values, grid * (2 / ATLAS) - 1, align_corners=False)
        return found + GREY

    def _coloured(self, pictures: Tensor) -> Tensor:
        count = len(pictures)
        shape = (count, 1, 1, 1)
        grey = pictures.mean(dim=1, keepdim=True)
        vivid = 1 + self._uniform(shape, -_SATURATION, _SATURATION)
        vivid = torch.where(self._uniform(shape, 0, 1) < _GREYSCALE, torch.zeros_like(vivid), vivid)
        found = grey + (pictures - grey) * vivid
        middle = found.mean(dim=(1, 2, 3), keepdim=True)
        found = middle + (found - middle) * (1 + self._uniform(shape, -_CONTRAST, _CONTRAST))
        found = found * (1 + self._uniform(shape, -_BRIGHT, _BRIGHT))
        found = found * (1 + self._uniform((count, 3, 1, 1), -_TINT, _TINT))
        return found.clamp(0, 255)
