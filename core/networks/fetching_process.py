"""The process that fetches weights, started by `core.networks.fetching`.

It is `python -m core.networks.fetching_process`.
"""

import contextlib
import json
import sys
from pathlib import Path
from typing import Any

from core.child_process import be_nice, end_with_the_server, write
from core.networks.store import FetchFailed, fetch


def main() -> None:
    """Read an order from standard input, answer with each percent that is there; 100 once the hash was right."""
    be_nice()
    order = json.loads(sys.stdin.buffer.readline())
    end_with_the_server()
    try:
        said = 0
        for progress in fetch(order["network"], Path(order["folder"])):
            percent = min(99, int(100 * progress.share))
            if percent > said:
                said = percent
                _say({"percent": percent})
        _say({"percent": 100})
    except (FetchFailed, OSError, ValueError) as error:
        with contextlib.suppress(OSError):
            _say({"error": str(error)})


def _say(what: dict[str, Any]) -> None:
    write(json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    main()
