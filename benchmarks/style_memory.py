"""The memory of style transfer step by step at 512 px against PyTorch's neural style tutorial (Linux).

Run with `python -m benchmarks.style_memory`. Each way runs once in a process of its own (memory hardly differs from run
to run), with the trunk, layers and weights of `benchmarks.style_steps`. Counted is the most that the process ever held
(VmHWM) over what it held when PyTorch and the network's weights were loaded and before the work began. Both look 110
times at 512 px: after 100 the tutorial's L-BFGS remembers as much as it ever will, the app's after 50.
"""

import gc
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks.style_steps import RECIPE, pairs, tutorial
from benchmarks.timing import machine
from core import networks
from core.style.pixels import sized
from core.style.stylize import stylize

SIDE, LOOKS = 512, 110


def held(field: str) -> int:
    """Bytes of this process: VmRSS now, VmHWM at most."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(field)).split()[1])


def ours(side: int, looks: int) -> None:
    _, photo, style = next(pairs(2 * side))
    recipe = replace(RECIPE, side=side, steps=2 * looks)
    assert recipe.levels[-1] == (side, looks)
    for _ in stylize(photo, (style,), recipe):
        pass


def theirs(side: int, looks: int) -> None:
    _, photo, style = next(pairs(side))
    tutorial(photo, style, looks)


WAYS: dict[str, Callable[[int, int], None]] = {"ours": ours, "tutorial": theirs}


def measure(way: str, side: int, looks: int) -> int:
    """Bytes that the work took at most, in this process."""
    networks.load("vgg16_hed")
    sized(next(pairs(64))[1], 32)
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = held("VmRSS")
    WAYS[way](side, looks)
    return held("VmHWM") - before


def apart(way: str, side: int, looks: int) -> int:
    """The same in a new process."""
    call = [sys.executable, "-m", "benchmarks.style_memory", way, str(side), str(looks)]
    return int(subprocess.run(call, capture_output=True, text=True, check=True).stdout)


def memory(side: int = SIDE, looks: int = LOOKS) -> float:
    """The ratio, ours over the tutorial's."""
    found = {}
    for way in WAYS:
        found[way] = apart(way, side, looks)
        print(f"{way}: {found[way] / 2**20:.0f} MiB at {side} px", flush=True)
    ratio = found["ours"] / found["tutorial"]
    print(f"{ratio:.2f} times")
    return ratio


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print(measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
    else:
        print(machine())
        memory()
