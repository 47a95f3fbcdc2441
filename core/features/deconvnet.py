"""What in the picture made a unit answer: its gradient, with another rule at every ReLU on the way back.

gradient: dy/dx = g where 0 < x, else 0. Deconvnet (Zeiler and Fergus 2014): g where 0 < g. Guided backpropagation
(Springenberg et al. 2015): g where both hold. The two latter look sharp, but they show edges of the picture more than
what the network learned: with random weights they hardly change (Adebayo et al. 2018, "Sanity Checks for Saliency
Maps").
Max pooling sends a gradient to the place of the largest value, which is Zeiler and Fergus' switch.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from jaxtyping import Float

if TYPE_CHECKING:
    from torch import Tensor

Rule = Literal["guided", "deconvnet", "gradient"]
RULES: tuple[Rule, ...] = ("guided", "deconvnet", "gradient")


def reconstruction(
    network: Any,
    tensor: "Tensor",
    layer: str,
    unit: tuple[int, int, int],
    *,
    rule: Rule = "guided",
    sign: int = 1,
) -> Float[np.ndarray, "3 height width"]:
    """The picture's share in one unit, per channel of the network's input.

    Args:
        network: from `core.networks.load`; it is read only: the rules live in this call, not in the network.
        tensor: [1, 3, height, width], normalised.
        layer: name as in `core.networks.layer_names`.
        unit: channel, row, column.
        rule: what happens at a ReLU.
        sign: -1 for what makes the unit smaller.
    """
    from core.networks import activations

    return _traced(lambda picture: activations(network, picture, [layer])[layer], tensor, unit, rule, sign)


def _traced(
    see: "Callable[[Tensor], Tensor]",
    tensor: "Tensor",
    unit: tuple[int, int, int],
    rule: Rule,
    sign: int = 1,
) -> Float[np.ndarray, "3 height width"]:
    import torch

    if rule not in RULES:
        raise ValueError(f"The rule is one of {RULES}, got {rule!r}.")
    picture = tensor.detach().clone().requires_grad_()
    with relu_rule(rule):
        value = see(picture)[0][unit]
    (slope,) = torch.autograd.grad(sign * value, picture)
    return slope[0].numpy()


def relu_rule(rule: Rule) -> Any:
    """A context in which this thread's ReLUs and ReLU6s follow the rule on the way back."""
    import torch
    from torch.overrides import TorchFunctionMode

    class Clip(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, values: "Tensor", top: float) -> "Tensor":
            result = values.clamp(0.0, top)
            ctx.save_for_backward((values > 0) & (values < top))
            return result

        @staticmethod
        def backward(ctx: Any, *slopes: "Tensor") -> "tuple[Tensor, None]":
            (open_,) = ctx.saved_tensors
            slope = slopes[0]
            if rule != "deconvnet":
                slope = slope * open_
            return (slope if rule == "gradient" else slope.clamp(min=0)), None

    class Rules(TorchFunctionMode):
        def __torch_function__(
            self, function: Callable, types: Sequence, args: tuple = (), kwargs: dict | None = None
        ) -> Any:
            top = _top(function, args, kwargs or {})
            return function(*args, **(kwargs or {})) if top is None else Clip.apply(args[0], top)

    return Rules()


def _top(function: Callable, arguments: tuple, keywords: dict) -> float | None:
    """Where the function cuts off from above if it is a ReLU of some kind, else None."""
    name = getattr(function, "__name__", "").strip("_")
    if name == "relu":
        return float("inf")
    if name == "relu6":
        return 6.0
    if name == "hardtanh":
        low = arguments[1] if len(arguments) > 1 else keywords.get("min_val", -1.0)
        high = arguments[2] if len(arguments) > 2 else keywords.get("max_val", 1.0)
        return float(high) if low == 0 else None
    return None
