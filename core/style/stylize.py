"""A photo takes on a style, step by step: the picture itself is what is trained.

The first sizes are small, so that a first picture stands after seconds, and each next one begins with what the last
one ended with. Nothing is clipped: `core.style.climbing` steps on an angle whose every value is a picture.

Source: Gatys, Ecker and Bethge 2016, "Image style transfer using convolutional neural networks", CVPR; Gatys et al.
2017, arXiv 1611.07865, section 6 (coarse to fine).
"""

from collections.abc import Generator
from typing import Any

import cv2
import numpy as np
import torch
from jaxtyping import Float32, UInt8
from torch import Tensor

from core.jobs import work
from core.jobs.device import best_device
from core.style.climbing import Climb, between
from core.style.colours import RECOLOURED, keep_luminance
from core.style.frames import Film, Frame, Kept, Picture, Styled
from core.style.objective import Objective
from core.style.pixels import as_mask, as_pixels, as_tensor, resized, sized
from core.style.recipe import Recipe
from core.style.trunk import Trunk

_RESTARTS = 3  # of one size, from its best picture
_ASTRAY = 2  # times the loss that a size began with: nothing good comes from there


@work
def stylize(
    photo: Picture,
    styles: tuple[Picture, ...],
    recipe: Recipe,
    shares: tuple[float, ...] = (1.0,),
    mask: UInt8[np.ndarray, "height width"] | None = None,
    begin: Float32[np.ndarray, "height width 3"] | None = None,
    before: tuple[Frame, ...] = (),
) -> Generator[Any, bool | None, None]:
    """Make the picture; ticks hold a `Latest`, results are `Kept` frames and at the end one `Styled`.

    Args:
        photo: RGB. styles: none to three, of any size. shares: how much each counts, 0 or more.
        mask: of the photo's size or any other, 255 where the style goes; None for everywhere.
        begin: a picture to go on with (`Styled.values`): then only the largest size is worked on.
        before: the frames that led to it, from which time and steps are counted on.

    Raises: ValueError for settings that do not fit, or when the numbers overflow; the kept frames stay.
    """
    trunk = Trunk(
        recipe.network,
        {*recipe.content_layers, *recipe.style_layers} or {"relu1_1"},
        recipe.pooling,
        recipe.weights,
        recipe.seed,
    ).to(best_device())
    if recipe.colours in RECOLOURED:
        styles = tuple(RECOLOURED[recipe.colours](each, photo) for each in styles)
    levels = recipe.levels if begin is None else ((recipe.side, recipe.steps),)
    film = Film(levels, before[-1] if before else None)
    values = begin
    for side, steps in levels:
        small = sized(photo, side)
        objective = Objective(
            trunk,
            recipe,
            as_tensor(small),
            [(as_tensor(sized(each, side)), share) for each, share in zip(styles, shares, strict=False)],
            None if mask is None else as_mask(mask, small.shape[:2]),
        )
        picture = (
            first_picture(small, styles, recipe) if values is None else as_tensor(resized(values, small))
        )
        film.pulls = objective.pulls(picture)
        climb = Climb(objective, picture, recipe, gentle=values is not None)
        stopped = yield from _level(objective, climb, recipe, side, steps, small, film)
        assert film.best is not None
        values = film.best_values
        if stopped:
            break
    pulls = objective.pulls(film.best_picture)
    yield Kept(film.best)
    yield Styled(film.best, film.best_values, film.done < film.steps, pulls)


def _level(
    objective: Objective, climb: Climb, recipe: Recipe, side: int, steps: int, photo: Picture, film: Film
) -> Generator[Any, bool | None, bool]:
    """All steps at one size; whether it was told to stop."""
    best, began, restarts, until = None, None, 0, film.done + steps
    while True:
        last = film.done >= until
        stand, looks = (climb.stand(), 0) if last else climb.go(min(between(side), until - film.done))
        film.looked(side, looks)
        finite = bool(np.isfinite(stand.total))
        if not finite and (best is None or restarts == _RESTARTS):
            raise ValueError(
                f"The numbers overflowed at step {film.done}: lower the faders or Adam's rate. The last good "
                "picture is kept."
            )
        began = stand.total if began is None else began
        astray = not stand.total <= _ASTRAY * began  # so it is where there is no number at all
        if astray and best is not None and restarts < _RESTARTS:
            restarts += 1
            climb.begin_again(best.picture)
        if not finite:
            continue
        pixels = as_pixels(objective.shown(stand.picture))
        if recipe.colours == "luminance":
            pixels = keep_luminance(pixels, photo)
        frame = Frame(film.done - looks, film.seconds, side, pixels, stand.parts)
        if best is None or stand.total < best.total:
            best, film.best, film.best_picture = stand, frame, stand.picture
            film.best_values = objective.shown(stand.picture)[0].permute(1, 2, 0).contiguous().cpu().numpy()
        film.curve.append((frame.step, side, stand.parts))
        if film.keeps(frame) and (yield Kept(frame)):
            return True
        if (yield film.tick(frame)):
            return True
        if last:
            return False


def first_picture(photo: Picture, styles: tuple[Picture, ...], recipe: Recipe) -> Tensor:
    """What a run begins with, [1, 3, height, width], 0 to 1, as large as the photo given."""
    shown = as_tensor(photo)
    if recipe.start == "photo":
        return shown
    if recipe.start == "style" and styles:
        return as_tensor(cv2.resize(styles[0], photo.shape[1::-1], interpolation=cv2.INTER_AREA))
    dice = torch.Generator().manual_seed(recipe.seed)
    noise = torch.rand(shown.shape, generator=dice).to(shown)
    return noise if recipe.start == "noise" else (shown + noise) / 2
