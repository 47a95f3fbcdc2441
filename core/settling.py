"""Objects that stay for good, out of the garbage collector's sight.

Streamlit runs a full collection after every script run; walking the hundred thousands of objects of a large library
each time would stop all sessions for tenths of seconds.
"""

import gc


def settle() -> None:
    """Call once after heavy imports."""
    gc.collect()
    gc.freeze()
