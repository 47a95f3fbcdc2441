"""Loading the heavy libraries once per process, after the first page is up.

Importing torch, torchvision and timm takes seconds, so no page waits for it: a thread does it in the background.
Afterwards everything imported is moved out of the garbage collector's sight: Streamlit runs a full
collection after every script run, and walking torch's 400,000 objects each time would stop all sessions for
about 0.3 s.
"""

import time
from threading import Event

from core.settling import settle

READY = Event()
"""Set once they are loaded: a first page may then show what needs them."""


def warm(delay_s: float = 1.0) -> None:
    """Import torch, torchvision and timm, keep torch to one thread, and freeze the imported objects.

    One torch thread, because two of them beside other busy threads run many times slower than one.

    Args:
        delay_s: seconds to wait first, so that the first page reaches the browser undisturbed.
    """
    time.sleep(delay_s)
    import timm  # noqa: F401
    import torch
    import torchvision  # noqa: F401

    torch.set_num_threads(1)
    settle()
    READY.set()
