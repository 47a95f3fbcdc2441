"""All maps of one layer, and a board of 256 channels, against torchvision's feature extractor and its `make_grid`.

Run with `python -m benchmarks.features`. One torch thread, as in the app; medians of both orders and their ratio.
"""

import numpy as np
import torch
from torchvision.models.feature_extraction import create_feature_extractor
from torchvision.utils import make_grid

from benchmarks.timing import compare, machine
from core import networks
from core.bundled import bundled
from core.features import scene as scenes
from core.features import wire
from core.features.scene import Look
from core.figures.encoding import MAP_QUALITY, encode
from core.figures.features import board

NETWORK, LAYER = "resnet18", "layer2.1.relu_1"


def main() -> None:
    torch.set_num_threads(1)
    print(machine())
    seen = scenes.scene(Look(NETWORK, "untrained"), bundled("Cat"))
    extractor = create_feature_extractor(networks.load(NETWORK, "untrained"), [LAYER])
    compare(
        f"maps of {LAYER}, {NETWORK}",
        lambda: scenes.layer_maps(seen, LAYER),
        lambda: extractor(seen.tensor)[LAYER],
        named="torchvision's feature extractor",
        repeats=7,
    )
    maps = np.maximum(np.random.default_rng(0).normal(size=(256, 56, 56)), 0).astype(np.float32)
    compare(
        "board of 256 channels, encoded",
        lambda: board(maps, range(256), shared=False, rectified=True),
        lambda: _grid(torch.from_numpy(maps)),
        named="make_grid in grey",
        repeats=7,
    )
    values = scenes.cut_values(seen, LAYER)
    compare(
        "new answer after a cut",
        lambda: wire.outputs(seen.circuit, values, seen.circuit.named(LAYER), 3, 0.0),
        lambda: networks.load(NETWORK, "untrained")(seen.tensor),
        named="a whole forward",
        repeats=7,
    )


def _grid(maps: torch.Tensor) -> object:
    grid = make_grid(maps[:, None], nrow=19, normalize=True, scale_each=True, padding=4)
    return encode((grid.permute(1, 2, 0) * 255).byte().numpy(), lossless=False, quality=MAP_QUALITY)


if __name__ == "__main__":
    main()
