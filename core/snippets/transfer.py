"""Lines of PyTorch that do what the transfer page does."""

from core.transfer.recipe import Recipe


def training(recipe: Recipe, classes: tuple[str, ...]) -> str:
    """A training."""
    return f"# {recipe.approach} {len(classes)}"


def frozen_statistics() -> str:
    """The trap."""
    return ""


def wilson(right: int, of: int) -> str:
    """The interval."""
    return f"# {right} {of}"
