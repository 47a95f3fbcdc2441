"""Trainings of digit networks as long work: one for the Label view, three for each seed of the leak simulator."""

from collections.abc import Generator
from typing import Any

from core.augmentation.digits import training_digits
from core.augmentation.leak import GENTLE, WAYS, simulate_leak
from core.augmentation.text import chain_from_text
from core.jobs import Order, Tick, work

EPOCHS = 12


def digit_order(seed: int) -> Order:
    """Train the digit network of a seed. Results: a `DigitNetwork` after each of the 12 epochs."""
    return Order("core.augmentation.laboratory:train_digits", {"seed": seed})


def leak_order(seeds: int, originals: int, copies: int, chain: str = "") -> Order:
    """Run the leak simulator: the arguments of `core.augmentation.leak.simulate_leak`, the chain as text.

    Results: a `LeakRun` for each of the 3 * seeds networks.
    """
    given = {"seeds": seeds, "originals": originals, "copies": copies, "chain": chain}
    return Order("core.augmentation.laboratory:simulate", given)


@work
def train_digits(seed: int) -> Generator[Any, bool | None, None]:
    """See `digit_order`."""
    for number, network in enumerate(training_digits(seed), 1):
        if (yield network) or (yield Tick(number, EPOCHS, f"epoch {number} of {EPOCHS}")):
            return


@work
def simulate(seeds: int, originals: int, copies: int, chain: str) -> Generator[Any, bool | None, None]:
    """See `leak_order`."""
    drawn = chain_from_text(chain) if chain else GENTLE
    total = len(WAYS) * seeds
    runs = simulate_leak(range(seeds), originals=originals, copies=copies, chain=drawn)
    for number, run in enumerate(runs, 1):
        if (yield run) or (yield Tick(number, total, f"network {number} of {total}")):
            return
