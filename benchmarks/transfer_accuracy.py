"""A full fine-tune ends where the plain loop's does: accuracy on photos that neither was trained on.

Run with `python -m benchmarks.transfer_accuracy`. The same photos (the bundled textures), network, batch, optimiser,
constant rate and number of updates; the order of the photos and the head's first weights are each side's own, so both
are repeated over seeds.
"""

import sys

import torch
from torch.utils.data import DataLoader

from benchmarks.timing import machine
from benchmarks.transfer import BATCH, Plain, network_of, ours, plain_loop
from core.networks.building import classifier_name
from core.transfer.bundled_sets import bundled_set
from core.transfer.evaluation import right_of
from core.transfer.recipe import Recipe
from core.transfer.split import split

SIDE, EPOCHS, SEEDS = 160, 3, (0, 1, 2)


def compare(name: str) -> None:
    """Right answers of both on the test part, over all seeds."""
    photos = bundled_set("textures", 30)
    parts = split(photos, seed=0)
    held = (*parts.validation, *parts.test)  # nothing is chosen on the validation part here
    labels = [photos.samples[number].label for number in held]
    approach = "tune" if name == "tf_efficientnet_lite0" else "scratch"
    right = {"ours": 0, "plain": 0}
    for seed in SEEDS:
        recipe = Recipe(
            network=name,
            approach=approach,
            stages=99,
            epochs=EPOCHS,
            batch=BATCH,
            size_px=SIDE,
            schedule="constant",
            batch_norm="batch",
            trunk_factor=1.0,
            seed=seed,
        )
        trained = ours(photos, type(parts)(parts.training, (), held), recipe)  # the last epoch is kept
        right["ours"] += int(right_of(trained.test, labels).sum())
        right["plain"] += _plain(name, photos, parts.training, held, labels, seed)
    shown = len(SEEDS) * len(held)
    shares = ", ".join(f"{who} {count} of {shown} ({count / shown:.1%})" for who, count in right.items())
    print(f"full fine-tune, {name}, {SIDE} px, {EPOCHS} epochs, seeds {SEEDS}: {shares}")


def _plain(name: str, photos, training, held, labels, seed: int) -> int:
    order = torch.Generator().manual_seed(seed)
    network = network_of(name, len(photos.classes))
    plain_loop(
        network,
        DataLoader(Plain(photos, training, SIDE), BATCH, shuffle=True, generator=order),
        EPOCHS,
        frozen=False,
        head=classifier_name(name),
    )
    network.eval()
    with torch.inference_mode():
        said = torch.cat(
            [network(inputs).argmax(1) for inputs, _ in DataLoader(Plain(photos, held, SIDE), 30)]
        )
    return int((said == torch.tensor(labels)).sum())


if __name__ == "__main__":
    print(machine())
    for each in sys.argv[1:] or ("tf_efficientnet_lite0", "mobilenet_v3_small"):
        compare(each)
