"""How much a checkpoint may hold, and how a refusal is said."""

FILE_BYTES_MOST = 500_000_000
FOLDER_BYTES_MOST = 1_000_000_000  # whoever starts the server answers for what lies in its folder
KEYS_MOST = 2_000
PICKLE_BYTES_MOST = 1_000_000
HEADER_BYTES_MOST = 1_000_000


class CheckpointError(ValueError):
    """A checkpoint that cannot be used; its text is one sentence for a person."""


def too_many_keys(found: str) -> CheckpointError:
    """The refusal of a file with too many tensors."""
    return CheckpointError(f"A checkpoint has at most {KEYS_MOST:,} tensors, got {found}.")


def too_large(bytes_found: int, most: int = FILE_BYTES_MOST) -> CheckpointError:
    """The refusal of a file, or of its tensors, for their size."""
    return CheckpointError(
        f"A checkpoint is at most {most / 1e6:.0f} MB, unpacked too, got {bytes_found / 1e6:,.0f} MB."
    )
