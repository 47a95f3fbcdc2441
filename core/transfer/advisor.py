"""The advisor's measurement as long work: the training photos once through the untouched network."""

from collections.abc import Generator
from typing import Any

from core.jobs import work
from core.transfer.advice import advised, measured
from core.transfer.duplicates import duplicate_groups
from core.transfer.features import trunk_features
from core.transfer.recipe import Recipe
from core.transfer.samples import PhotoSet
from core.transfer.split import Split


@work
def advise(photos: PhotoSet, split: Split, recipe: Recipe) -> Generator[Any, bool | None, None]:
    """Measure the training part's similarity to ImageNet and hand out one `core.transfer.advice.Advice`.

    Raises: ValueError for fewer than two classes with training photos; WeightsMissing.
    """
    samples = [photos.samples[number] for number in split.training]
    found = yield from trunk_features([each.photo for each in samples], recipe.network, recipe.size_px)
    if found is None:
        return
    groups = duplicate_groups([each.photo for each in samples])
    labels = [each.label for each in samples]
    yield advised(measured(found.values, found.logits, labels, groups), recipe)
