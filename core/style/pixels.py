"""Pictures as the optimisation has them: tensors from 0 to 1 on the worker's device, of the size that is worked on."""

import cv2
import numpy as np
import torch
from torch import Tensor

from core.jobs.device import best_device
from core.style.frames import Picture


def small_size(picture_hw: tuple[int, int], side: int, least: int = 16) -> tuple[int, int]:
    """Height and width of a picture whose longer edge is `side` pixels, at least `least` on the other."""
    scale = side / max(picture_hw)
    height, width = (max(least, round(edge * scale)) for edge in picture_hw)
    return height, width


def sized(picture: Picture, side: int, least: int = 16) -> Picture:
    """The picture with its longer edge `side` pixels, at least `least` on the other (a thin strip is stretched)."""
    height, width = small_size(picture.shape[:2], side, least)
    shrinks = height * width < picture.shape[0] * picture.shape[1]
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)


def as_tensor(picture: np.ndarray) -> Tensor:
    """[height, width, 3] -> [1, 3, height, width], 0 to 1, channels last in memory."""
    values = torch.from_numpy(np.ascontiguousarray(picture)).float()
    values = values / 255 if picture.dtype == np.uint8 else values
    return values.permute(2, 0, 1)[None].to(best_device()).contiguous(memory_format=torch.channels_last)


def as_pixels(picture: Tensor) -> Picture:
    """[1, 3, height, width], 0 to 1 -> [height, width, 3]."""
    return (255 * picture.detach()[0].permute(1, 2, 0).clamp(0, 1) + 0.5).byte().cpu().numpy()


def resized(values: np.ndarray, like: Picture) -> np.ndarray:
    return np.clip(cv2.resize(values, like.shape[1::-1], interpolation=cv2.INTER_CUBIC), 0, 1)


def as_mask(mask: np.ndarray, size: tuple[int, int]) -> Tensor:
    small = cv2.resize(mask, size[::-1], interpolation=cv2.INTER_AREA)
    return torch.from_numpy(small).float()[None, None].to(best_device()) / 255
