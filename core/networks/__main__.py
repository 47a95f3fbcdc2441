"""On the command line: `python -m core.networks list` and `python -m core.networks fetch NAME ... [--to FOLDER]`."""

import argparse
import sys
from pathlib import Path

from core.networks import DETECTORS, NAMES, FetchFailed, fetch, is_here
from core.networks.store import published


def main(words: list[str] | None = None) -> int:
    """List the networks, or fetch the weights of some; 0 if all is well, 1 if something could not be fetched."""
    parser = argparse.ArgumentParser(
        prog="python -m core.networks", description="Trained weights of networks."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="all networks, the size of their weights, and whether they are here")
    fetching = commands.add_parser("fetch", help="download weights into PyTorch's cache")
    fetching.add_argument("names", nargs="+", choices=(*NAMES, *DETECTORS), metavar="NAME")
    fetching.add_argument("--to", type=Path, help="folder to put them in instead of the cache")
    given = parser.parse_args(words)
    if given.command == "list":
        _list()
        return 0
    fetched = [_fetched(name, given.to) for name in given.names]
    return int(not all(fetched))


def _list() -> None:
    for name in (*NAMES, *DETECTORS):
        network = published(name)
        state = (
            "untrained only" if not network.has_trained_weights else "here" if is_here(name) else "to fetch"
        )
        size = f"{network.weights.size_mb:8.1f} MB" if network.has_trained_weights else ""
        print(f"{name:34}{size:>12}  {state:15} {network.title}")


def _fetched(name: str, folder: Path | None) -> bool:
    try:
        for step in fetch(name, folder):
            print(f"\r{name}: {step.share:4.0%}", end="", flush=True)
        print()
    except FetchFailed as error:
        print(f"\n{error}", file=sys.stderr)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
