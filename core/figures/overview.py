"""The pictures of the first page: each shows what one view explores, computed from the visitor's photo.

Drawings without a photo are SVG in colours that stand out on light and dark ground alike.
"""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw

from core.convolution import convolve, pool
from core.convolution.cost import SEPARABLE, Arrangement, ConvLayer, arrange, channel_wiring
from core.figures.palette import BRIGHT, magnitude_rgb, signed_rgb
from core.receptive_field import PRESETS, Row, stack_from_text, trace_stack, unit_box

WIDTH, HEIGHT = 768, 432
POOL = 12  # side of the pooling windows in the pooled band
PATCH = 9  # rows and columns of the patch that is worked through in numbers
VGG = "VGG-16"
STACK = "Three 3 x 3"
INPUT_HW = (216, 384)  # what VGG-16 is shown: half the picture's size
SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32)
EXAMPLE = ConvLayer(6, 10, (3, 3), (28, 28), padding=(1, 1), bias=False)
HUES = ("#2f8fd0", "#e08a1e", "#14a37f", "#cf6fa8", "#8c7ae0", "#d9593b")
MARK, QUIET = "#d9731f", "#8795a6"
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601

Pixels = UInt8[np.ndarray, "height width 3"]
Picture = UInt8[np.ndarray, "432 768 3"]


def wide(pixels: Pixels) -> Picture:
    """The largest part around the middle with the shape of the pictures, at their size."""
    height, width = pixels.shape[:2]
    scale = min(height / HEIGHT, width / WIDTH)
    x, y = (width - WIDTH * scale) / 2, (height - HEIGHT * scale) / 2
    box = (x, y, x + WIDTH * scale, y + HEIGHT * scale)
    return np.asarray(Image.fromarray(pixels).resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR, box))


def _sobel(pixels: Pixels) -> Float[np.ndarray, "height width"]:
    return convolve((pixels @ _LUMA)[None], SOBEL[None, None], padding=1)[0]


def photo_bands(pixels: Pixels) -> Picture:
    """From left to right: the photo, Sobel x of it (blue below zero, orange above), then ReLU and max pooling."""
    photo = wide(pixels)
    edges = _sobel(photo)
    limit = float(np.percentile(np.abs(edges), 99)) or 1.0
    pooled = pool(np.maximum(edges, 0)[None], "max", POOL)[0].repeat(POOL, 0).repeat(POOL, 1)
    third = WIDTH // 3
    bands = photo.copy()
    bands[:, third : 2 * third] = signed_rgb(edges[:, third : 2 * third], limit)
    bands[:, 2 * third :] = magnitude_rgb(pooled[:, 2 * third :], 0, limit)
    bands[:, [third - 1, third, 2 * third - 1, 2 * third]] = 255
    return bands


def numbers_svg(pixels: Pixels) -> str:
    """A patch of the photo with a strong edge, the Sobel kernel and the output, one window marked."""
    small = wide(pixels)[::4, ::4]
    edges = _sobel(small)
    strength = np.abs(edges[5:-5, 5:-5])
    row, column = (int(i) + 1 for i in np.unravel_index(strength.argmax(), strength.shape))
    grey = (small @ _LUMA)[row : row + PATCH, column : column + PATCH]
    output = convolve(grey[None], SOBEL[None, None])[0]  # [PATCH - 2, PATCH - 2]
    cell, gap, middle = 32, 36, HEIGHT / 2
    shapes = [_sign("*", 344, middle + 20), _sign("=", 476, middle + 12)]
    x = 38.0
    levels = np.repeat(grey[..., None].round().astype(np.uint8), 3, axis=-1)
    for colours in (levels, signed_rgb(SOBEL), signed_rgb(output)):
        y = middle - cell * len(colours) / 2
        shapes += _cells(colours, x, y, cell)
        if colours is levels:
            shapes.append(_frame(x + 3 * cell, y + 3 * cell, 3 * cell))
        elif len(colours) > len(SOBEL):
            shapes.append(_frame(x + 3 * cell, y + 3 * cell, cell))
        x += cell * len(colours) + gap
    return svg(shapes)


def _cells(colours: UInt8[np.ndarray, "rows columns 3"], x: float, y: float, cell: float) -> list[str]:
    return [
        f'<rect x="{x + j * cell + 1}" y="{y + i * cell + 1}" width="{cell - 2}" height="{cell - 2}" rx="3" '
        f'fill="rgb({red},{green},{blue})" stroke="{QUIET}" stroke-opacity=".55"/>'
        for i, row in enumerate(colours.tolist())
        for j, (red, green, blue) in enumerate(row)
    ]


def _sign(text: str, x: float, y: float) -> str:
    return (
        f'<text x="{x}" y="{y}" font-family="sans-serif" font-size="40" text-anchor="middle" '
        f'fill="{QUIET}">{text}</text>'
    )


def _frame(x: float, y: float, side: float) -> str:
    return (
        f'<rect x="{x}" y="{y}" width="{side}" height="{side}" rx="4" fill="none" '
        f'stroke="{HUES[2]}" stroke-width="5"/>'
    )


def cost_example() -> tuple[Arrangement, Arrangement]:
    """The layer of the cost drawing: standard, and as depthwise + pointwise."""
    return arrange(EXAMPLE, 1), arrange(EXAMPLE, SEPARABLE)


def cost_svg() -> str:
    """The wiring of depthwise + pointwise, and under it what it costs beside the standard layer."""
    standard, separable = cost_example()
    stages = channel_wiring(*separable.layers)
    columns = (stages[0].channels, *(stage.filters for stage in stages))
    xs = (90, WIDTH // 2, WIDTH - 90)
    shapes = []
    for place, stage in enumerate(stages):
        for channel, filter_index in stage.edges().tolist():
            start = (xs[place] + 14, _height(channel, columns[place]))
            end = (xs[place + 1] - 14, _height(filter_index, columns[place + 1]))
            shapes.append(_wire(start, end, HUES[channel % len(HUES)]))
    for place, count in enumerate(columns):
        for index in range(count):
            hue = HUES[index % len(HUES)] if place < 2 else QUIET
            y = _height(index, count)
            shapes.append(
                f'<rect x="{xs[place] - 14}" y="{y - 11}" width="28" height="22" rx="5" fill="{hue}"/>'
            )
    share = float(separable.cost.macs.value / standard.cost.macs.value)
    shapes += _bar(352, 1.0, QUIET) + _bar(392, share, MARK)
    return svg(shapes)


def _height(index: int, count: int) -> float:
    return 165 + 29 * (index - (count - 1) / 2)


def _wire(start: tuple[float, float], end: tuple[float, float], colour: str) -> str:
    (x0, y0), (x1, y1) = start, end
    middle = (x0 + x1) / 2
    return (
        f'<path d="M{x0} {y0}C{middle} {y0} {middle} {y1} {x1} {y1}" fill="none" stroke="{colour}" '
        f'stroke-width="2" opacity=".7"/>'
    )


def _bar(y: float, share: float, colour: str) -> list[str]:
    return [f'<rect x="76" y="{y}" width="{(WIDTH - 152) * share:.1f}" height="26" rx="5" fill="{colour}"/>']


def stack_rows() -> tuple[Row, ...]:
    """Three 3 x 3 layers on 15 columns."""
    return trace_stack(stack_from_text(PRESETS[STACK]), (15, 15))


def stack_svg() -> str:
    """The stack from the side: one unit on top and, layer by layer below it, all that it sees."""
    rows = stack_rows()
    cells, cell = 15, 44
    left, top, step = (WIDTH - cells * cell) / 2, 40, 102
    shapes = []
    for place, row in enumerate(rows):  # the field of the top unit in the map below is that of as many layers
        y = top + place * step
        first = (cells - row.size) / 2
        if place + 1 < len(rows):
            below = (cells - rows[place + 1].size) / 2
            ends = (left + first * cell, left + (cells - first) * cell, left + (cells - below) * cell)
            shapes.append(
                f'<path d="M{ends[0]} {y + cell}H{ends[1]}L{ends[2]} {y + step}H{left + below * cell}Z" '
                f'fill="{MARK}" opacity=".22"/>'
            )
        for index in range(cells):
            seen = first <= index < cells - first
            shapes.append(
                f'<rect x="{left + index * cell + 2}" y="{y + 2}" width="{cell - 4}" height="{cell - 4}" rx="6" '
                f'fill="{MARK if seen else QUIET}" opacity="{1 if seen else 0.35}"/>'
            )
    return svg(shapes)


def vgg_pools() -> tuple[Row, ...]:
    """The maps after VGG-16's five poolings, on an input of INPUT_HW, by the closed form."""
    rows = trace_stack(stack_from_text(PRESETS[VGG]), INPUT_HW)
    return tuple(row for row in rows if row.layer is not None and row.layer.kind == "max_pool")


def nested_fields(pixels: Pixels) -> Picture:
    """What the middle unit after each pooling of VGG-16 sees, one box in another."""
    picture = Image.fromarray(wide(pixels))
    pen = ImageDraw.Draw(picture)
    for row, hue in zip(vgg_pools(), BRIGHT, strict=True):
        _outline(pen, _box_of(row, (row.output_hw[0] // 2, row.output_hw[1] // 2)), hue)
    return np.asarray(picture)


def one_field(pixels: Pixels) -> Picture:
    """What one unit of VGG-16's last map sees: the rest of the photo is dimmed, the units are dots."""
    photo = wide(pixels)
    last = vgg_pools()[-1]
    unit = (last.output_hw[0] // 2 - 1, last.output_hw[1] // 2 + 2)
    x0, y0, x1, y1 = (round(edge) for edge in _clipped(_box_of(last, unit)))
    lit = (photo * 0.35).astype(np.uint8)
    lit[y0:y1, x0:x1] = photo[y0:y1, x0:x1]
    picture = Image.fromarray(lit)
    pen = ImageDraw.Draw(picture)
    _outline(pen, (x0, y0, x1, y1), BRIGHT[-1])
    for other, (x, y) in _centres(last):
        radius = 9 if other == unit else 3
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=BRIGHT[-1], outline="#000000")
    return np.asarray(picture)


def _box_of(row: Row, unit: tuple[int, int]) -> tuple[float, ...]:
    """The receptive field in pixels of the drawn picture."""
    scale = WIDTH / INPUT_HW[1]
    return tuple(edge * scale for edge in unit_box(row, unit))


def _clipped(box: tuple[float, ...]) -> tuple[float, ...]:
    x0, y0, x1, y1 = box
    return max(x0, 0), max(y0, 0), min(x1, WIDTH), min(y1, HEIGHT)


def _centres(row: Row) -> Iterator[tuple[tuple[int, int], tuple[float, float]]]:
    for i in range(row.output_hw[0]):
        for j in range(row.output_hw[1]):
            x0, y0, x1, y1 = _box_of(row, (i, j))
            yield (i, j), ((x0 + x1) / 2, (y0 + y1) / 2)


def _outline(pen: ImageDraw.ImageDraw, box: tuple[float, ...], colour: str) -> None:
    x0, y0, x1, y1 = (round(edge) for edge in box)
    pen.rectangle((x0 - 2, y0 - 2, x1 + 1, y1 + 1), outline="#000000", width=2)
    pen.rectangle((x0, y0, x1 - 1, y1 - 1), outline=colour, width=4)


def svg(shapes: list[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}">{"".join(shapes)}</svg>'
    )
