"""The loss of one size: its parts, how strongly each pulls at the picture, and the total that is made small."""

import torch
from torch import Tensor
from torch.nn import functional

from core.style.gram_matrix import mean_gram
from core.style.losses import Part, Pull, content_loss, roughness, style_loss
from core.style.recipe import Recipe
from core.style.trunk import Trunk


class Objective:
    """What is made small for one photo, one size and some styles.

    Args:
        trunk: with all layers of the recipe.
        photo: [1, 3, height, width], RGB, 0 to 1.
        styles: pictures of any size, and how much each counts.
        mask: [1, 1, height, width], where the style goes, 0 to 1; None for everywhere.

    Raises: ValueError for a picture that is too small for the layers; without a style where one is asked for.
    """

    def __init__(
        self,
        trunk: Trunk,
        recipe: Recipe,
        photo: Tensor,
        styles: list[tuple[Tensor, float]],
        mask: Tensor | None = None,
    ) -> None:
        if recipe.style_layers and not any(share > 0 for _, share in styles):
            raise ValueError("A style transfer has at least one style picture that counts, got none.")
        self._trunk, self._recipe, self._photo, self._mask = trunk, recipe, photo, mask
        with torch.no_grad():
            maps = trunk(photo) if recipe.content_layers else {}
            self._content = {name: maps[name] for name in recipe.content_layers}
            self._style = self._targets(styles) if recipe.style_layers else {}
        self.weights = dict(recipe.parts)
        if recipe.like:
            self._make_alike()

    def _targets(self, styles: list[tuple[Tensor, float]]) -> dict[str, Tensor]:
        """The mean Gram matrices that are wanted: of several styles their mean, each as much as it counts."""
        total = sum(share for _, share in styles)
        found: dict[str, Tensor] = {}
        for picture, share in styles:
            if share > 0:
                maps = self._trunk(picture)
                for name in self._recipe.style_layers:
                    found[name] = found.get(name, 0) + mean_gram(maps[name]) * (share / total)
        return found

    def _make_alike(self) -> None:
        """Divide each weight by the length of its part's slope, on a picture half photo, half noise."""
        dice = torch.Generator().manual_seed(self._recipe.seed)
        noise = torch.rand(self._photo.shape, generator=dice).to(self._photo)
        picture = ((self._photo + noise) / 2).requires_grad_(True)
        for name, value in self.values(picture).items():
            slope = torch.autograd.grad(value, picture, retain_graph=True)[0]
            length = float(slope.norm())
            self.weights[name] = self.weights[name] / length if length else 0.0

    def shown(self, picture: Tensor) -> Tensor:
        """The picture with the photo where the mask is 0."""
        return picture if self._mask is None else self._photo + self._mask * (picture - self._photo)

    def values(self, picture: Tensor) -> dict[str, Tensor]:
        """Each part of the loss, without its weight."""
        how, shown = self._recipe.normalisation, self.shown(picture)
        maps = self._trunk(shown) if self._content or self._style else {}
        found = {
            f"content {name}": content_loss(maps[name], wanted, how) for name, wanted in self._content.items()
        }
        for name, wanted in self._style.items():
            found[f"style {name}"] = style_loss(mean_gram(maps[name], self._mask_at(maps[name])), wanted, how)
        if "roughness" in self.weights:
            found["roughness"] = roughness(shown)
        return found

    def _mask_at(self, maps: Tensor) -> Tensor | None:
        return (
            None if self._mask is None else functional.adaptive_avg_pool2d(self._mask, tuple(maps.shape[-2:]))
        )

    def total(self, picture: Tensor) -> tuple[Tensor, tuple[Part, ...]]:
        """The weighted sum, and its parts."""
        values = self.values(picture)
        total = sum(
            (self.weights[name] * value for name, value in values.items()), start=picture.new_zeros(())
        )
        return total, tuple(
            Part(name, float(value.detach()), self.weights[name]) for name, value in values.items()
        )

    def pulls(self, picture: Tensor) -> tuple[Pull, ...]:
        """How strongly each part pulls at a picture."""
        leaf = picture.detach().clone().requires_grad_(True)
        lengths = {
            name: self.weights[name] * float(torch.autograd.grad(value, leaf, retain_graph=True)[0].norm())
            for name, value in self.values(leaf).items()
        }
        total = sum(lengths.values())
        return tuple(Pull(name, each, each / total if total else 0.0) for name, each in lengths.items())
