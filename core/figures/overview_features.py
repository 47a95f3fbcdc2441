"""The first page's pictures of the features room: maps, filters and an explanation of the packaged network."""

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from core.features import scene as scenes
from core.features.explanations import explain, subject_in
from core.features.filters import bank
from core.features.scene import Look, Scene
from core.figures.features_filters import filter_rgb
from core.figures.features_why import painted
from core.figures.overview import HEIGHT, WIDTH
from core.figures.palette import signed_rgb
from core.networks import DEFAULT, load
from core.photo import Photo

Picture = UInt8[np.ndarray, "432 768 3"]
LAYER, FIRST = "blocks.1.1", "conv_stem"
ROWS, COLUMNS, GAP = 4, 8, 2


def seen_by_default(photo: Photo) -> Scene:
    """The packaged network in front of the photo."""
    return scenes.scene(Look(DEFAULT), photo)


def maps_picture(seen: Scene) -> Picture:
    """The 24 maps of an early layer, brightest at the largest value of each."""
    layer = next(
        name for name in (each.name for stage in seen.stages for each in stage.layers) if LAYER in name
    )
    maps = scenes.layer_maps(seen, layer)
    return _tiles([signed_rgb(plane, float(np.abs(plane).max()) or 1.0) for plane in maps], 4, 6)


def filters_picture() -> Picture:
    """The 32 filters of the first layer as the small colour pictures they are."""
    weights = bank(load(DEFAULT), FIRST).weight  # [32, 3, 3, 3]
    return _tiles([filter_rgb(each) for each in weights], ROWS, COLUMNS, smooth=False)


def why_picture(seen: Scene) -> tuple[Picture, str]:
    """Grad-CAM of the first answer over the crop that the network saw, and that answer."""
    category = int(scenes.all_outputs(seen).argmax())
    found = explain("grad_cam", subject_in(seen.circuit, seen.tensor, category))
    return _tiles([seen.pixels, painted(seen.pixels, found)], 1, 2), seen.categories[category]


def _tiles(pictures: list[np.ndarray], rows: int, columns: int, *, smooth: bool = True) -> Picture:
    """Pictures in rows, each cut around its middle to the cell's shape where it is smooth, else stretched."""
    high, across = HEIGHT // rows, WIDTH // columns
    out = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for place, pixels in enumerate(pictures[: rows * columns]):
        y, x = place // columns * high, place % columns * across
        tall, broad = pixels.shape[:2]
        side = min(tall / high, broad / across)
        box = ((broad - across * side) / 2, (tall - high * side) / 2)
        box = (*box, box[0] + across * side, box[1] + high * side) if smooth else (0, 0, broad, tall)
        how = Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST
        small = Image.fromarray(np.ascontiguousarray(pixels)).resize((across - GAP, high - GAP), how, box)
        out[y : y + high - GAP, x : x + across - GAP] = np.asarray(small)
    return out
