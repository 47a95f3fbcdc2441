"""A kernel learned from examples: gradient descent finds the filter that made a picture.

The mean squared error of a linear filter is a quadratic bowl in its weights,
L(w) = mean (w . x - y)^2 = w'A w - 2 b'w + c, with A = mean x x', b = mean x y, c = mean y^2 over all windows x of
the photo and values y of the target, so after one pass over the photo every step costs microseconds. How
long the descent takes depends on the bowl's shape alone: the ratio of A's largest to its smallest eigenvalue.
Sources: Goodfellow, Bengio & Courville, "Deep Learning" (2016), sections 4.3 and 8.2.1; LeCun, Bottou, Orr & Müller,
"Efficient BackProp" (1998), section 5; Nesterov (1983) and Sutskever et al. (ICML 2013) for the momentum.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy.lib.stride_tricks import sliding_window_view

from core.convolution.operation import convolve
from core.formula import Formula

Inputs = Literal["as they are", "centred", "whitened"]
Method = Literal["gradient descent", "momentum"]
INPUTS: tuple[Inputs, ...] = ("as they are", "centred", "whitened")
METHODS: tuple[Method, ...] = ("gradient descent", "momentum")
CLOSE_ENOUGH = 5e-4  # stop when no weight can be further than this from the best kernel
MOST_STEPS = 20_000
_FLAT = 1e-11  # directions with less than this share of the largest eigenvalue leave the output unchanged
_WINDOWS_AT_ONCE = 1 << 15


@dataclass(frozen=True, slots=True, eq=False)
class Bowl:
    """The loss as a function of the weights, L(w) = w'A w - 2 b'w + c, in pixel values squared.

    Args:
        a: mean of x x' over all windows, [n, n].
        b: mean of x y, [n].
        c: mean of y^2.
        kernel_hw: rows and columns of the kernel; n is their product.
        means: what was taken off x and y first, [n + 1]; zeros where nothing was.
    """

    a: Float[np.ndarray, "n n"]
    b: Float[np.ndarray, " n"]
    c: float
    kernel_hw: tuple[int, int]
    means: Float[np.ndarray, " n+1"]

    def bias(self, kernel: Float[np.ndarray, "kh kw"]) -> float:
        """The best bias beside a kernel, mean y - w . mean x; 0 where nothing was taken off."""
        return float(self.means[-1] - self.means[:-1] @ kernel.ravel())

    def loss(self, weights: Float[np.ndarray, " n"]) -> float:
        """L(w); never below 0, where rounding alone would take it."""
        return max(float(weights @ (self.a @ weights) - 2 * (self.b @ weights)) + self.c, 0.0)

    def gradient(self, weights: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
        """dL/dw = 2 (A w - b)."""
        return 2 * (self.a @ weights - self.b)

    def curvatures(self) -> tuple[float, float, int]:
        """Smallest and largest eigenvalue of A that matter, and the number of flat directions left out."""
        values = np.linalg.eigvalsh(self.a)
        steep = values[values > _FLAT * max(values[-1], 0)]
        if not len(steep):
            raise ValueError(
                "A kernel can only be learned from a photo whose pixels differ, got one flat colour."
            )
        return float(steep[0]), float(steep[-1]), len(values) - len(steep)

    @property
    def flat(self) -> int:
        """Directions in which the weights can move without changing the output; 0 for nearly every photo."""
        return self.curvatures()[2]

    def loss_formula(self, weights: Float[np.ndarray, "kh kw"]) -> Formula:
        """L(w) with its three terms filled in."""
        w = weights.ravel()
        square, mixed = float(w @ self.a @ w), float(self.b @ w)
        return Formula(
            name="loss, mean squared error",
            symbolic=r"L(w) = w^T A\,w - 2\,b^T w + c",
            filled=rf"{square:.8g} - 2 \cdot {mixed:.8g} + {self.c:.8g}",
            value=self.loss(w),
            note="A, b and c are means over all windows of the photo, computed once.",
        )

    def condition_formula(self) -> Formula:
        """The condition number, largest over smallest curvature."""
        smallest, largest, flat = self.curvatures()
        return Formula(
            name="condition number of A",
            symbolic=r"\kappa = \lambda_{max} / \lambda_{min}",
            filled=rf"{largest:.6g} / {smallest:.6g}",
            value=largest / smallest,
            note=f"{flat} directions without any curvature are left out." if flat else "",
        )

    def best(self) -> Float[np.ndarray, "kh kw"]:
        """The kernel with the least loss (of least norm where several have it), by the pseudo-inverse."""
        return (np.linalg.pinv(self.a, rcond=_FLAT, hermitian=True) @ self.b).reshape(self.kernel_hw)


def bowl(
    image: Float[np.ndarray, "height width"],
    target: Float[np.ndarray, "h w"],
    kernel_hw: tuple[int, int],
    *,
    centred: bool = True,
) -> Bowl:
    """One pass over the photo: A, b and c of the loss of a filter without padding.

    Args:
        image: one plane.
        target: what the filter should give: [height - kh + 1, width - kw + 1].
        centred: take the mean off windows and target first, which is the same as learning a bias beside
            the kernel and always setting it to its best value.

    Raises:
        ValueError: the kernel does not fit on the image, or the target has another size.
    """
    _check_fit(kernel_hw, image.shape)
    windows = sliding_window_view(image, kernel_hw)  # [h, w, kh, kw]
    if target.shape != windows.shape[:2]:
        raise ValueError(f"The target must have the size {windows.shape[:2]}, got {target.shape}.")
    size = kernel_hw[0] * kernel_hw[1]
    moments = np.zeros((size + 1, size + 1))  # of x and y side by side
    totals = np.zeros(size + 1)
    offset = image.mean(dtype=np.float64)  # taken off for precision, put back below unless centred
    rows = max(_WINDOWS_AT_ONCE // windows.shape[1], 1)
    for first in range(0, len(windows), rows):
        x = windows[first : first + rows].reshape(-1, size)
        y = target[first : first + rows].reshape(-1, 1)
        both = np.concatenate([x - offset, y], axis=1, dtype=np.float64)  # [windows, n + 1]
        moments += both.T @ both
        totals += both.sum(axis=0)
    moments /= target.size
    mean = totals / target.size
    back = np.append(np.full(size, offset), 0)
    if centred:
        moments -= np.outer(mean, mean)
        means = mean + back
    else:
        moments += np.outer(mean, back) + np.outer(back, mean) + np.outer(back, back)
        means = np.zeros(size + 1)
    return Bowl(moments[:-1, :-1], moments[:-1, -1], float(moments[-1, -1]), kernel_hw, means)


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """The state after some steps of the descent.

    Args:
        iteration: steps taken, 0 at the start.
        loss: mean squared error, in pixel values squared.
        kernel: the weights now, [kh, kw].
        gradient_norm: |dL/dw|.
    """

    iteration: int
    loss: float
    kernel: Float[np.ndarray, "kh kw"]
    gradient_norm: float


def start(kernel_hw: tuple[int, int], seed: int) -> Float[np.ndarray, " n"]:
    """The weights before the first step: normal with variance 1 / n (LeCun et al. 1998, section 4.6)."""
    size = kernel_hw[0] * kernel_hw[1]
    return np.random.default_rng(seed).normal(0, size**-0.5, size)


def learn(
    bowl: Bowl,
    *,
    inputs: Inputs = "centred",
    method: Method = "momentum",
    seed: int = 0,
    most_steps: int = MOST_STEPS,
) -> Iterator[Step]:
    """Descend from a random kernel; the first step yielded is the start.

    The rate comes from the curvatures l (smallest) and L (largest) and k = L / l: 1 / (l + L) for gradient descent,
    which shrinks the error by (k - 1) / (k + 1) per step; 1 / (2 L) with Nesterov's momentum
    m = (sqrt k - 1) / (sqrt k + 1), v <- m v - rate dL(w + m v)/dw, w <- w + v, which needs about the root of the
    steps. Whitened inputs x -> A^(-1/2) x make the bowl round, k = 1, and one step is enough.
    Ends when no weight is CLOSE_ENOUGH away from the best kernel, which lies at w - A^-1 dL/dw / 2, or after
    most_steps.

    Raises:
        ValueError: the photo is one flat colour.
    """
    smallest, largest, _ = bowl.curvatures()
    inverse = np.linalg.pinv(bowl.a, rcond=_FLAT, hermitian=True)
    white = inputs == "whitened"  # descending in u = A^(1/2) w moves w by -rate A^-1 dL/dw
    rate, momentum = _pace(1.0, 1.0, method) if white else _pace(smallest, largest, method)
    weights = start(bowl.kernel_hw, seed)
    velocity = np.zeros_like(weights)
    for iteration in range(most_steps + 1):
        gradient = bowl.gradient(weights)
        norm = float(np.sqrt(gradient @ gradient))
        yield Step(iteration, bowl.loss(weights), weights.reshape(bowl.kernel_hw), norm)
        newton = inverse @ gradient
        if np.abs(newton).max() / 2 < CLOSE_ENOUGH:
            return
        ahead = gradient + 2 * momentum * (bowl.a @ velocity)  # the gradient at w + m v
        velocity = momentum * velocity - rate * (newton if white else ahead)
        weights = weights + velocity


def _pace(smallest: float, largest: float, method: Method) -> tuple[float, float]:
    """Rate and momentum that are best for these curvatures."""
    if method == "gradient descent":
        return 1 / (smallest + largest), 0.0
    low, high = smallest**0.5, largest**0.5
    return 1 / (2 * largest), (high - low) / (high + low)


@dataclass(frozen=True, slots=True, eq=False)
class Descent:
    """A whole descent.

    Args:
        target: what the filter should give, [h, w].
        bowl: its loss.
        frames: moments to show, from the start to the end.
        reached: whether no weight was CLOSE_ENOUGH away from the best kernel at the end.
    """

    target: Float[np.ndarray, "h w"]
    bowl: Bowl
    frames: tuple[Step, ...]
    reached: bool


def recover(
    plane: Float[np.ndarray, "height width"],
    kernel: Float[np.ndarray, "kh kw"],
    *,
    inputs: Inputs = "centred",
    method: Method = "momentum",
    seed: int = 0,
) -> Descent:
    """Make the target with a kernel, forget the kernel, and learn it back; ValueError as `bowl` and `learn`."""
    plane = plane.astype(np.float64)
    _check_fit(kernel.shape, plane.shape)
    target = convolve(plane[None], kernel[None, None].astype(np.float64))[0]
    return descend(plane, target, kernel.shape, inputs=inputs, method=method, seed=seed)


def descend(
    plane: Float[np.ndarray, "height width"],
    target: Float[np.ndarray, "h w"],
    kernel_hw: tuple[int, int],
    *,
    inputs: Inputs,
    method: Method,
    seed: int,
) -> Descent:
    """The whole descent towards a target of the size that `bowl` names; ValueError as `bowl` and `learn`."""
    valley = bowl(plane, target, kernel_hw, centred=inputs != "as they are")
    steps = tuple(learn(valley, inputs=inputs, method=method, seed=seed))
    reached = steps[-1].iteration < MOST_STEPS
    return Descent(target=target, bowl=valley, frames=keyframes(steps), reached=reached)


def _check_fit(kernel_hw: tuple[int, ...], image_hw: tuple[int, ...]) -> None:
    if any(kernel > side for kernel, side in zip(kernel_hw, image_hw, strict=True)):
        raise ValueError(f"The kernel must fit on the photo, got {kernel_hw} on {image_hw}.")


def keyframes(steps: Sequence[Step], most: int = 32) -> tuple[Step, ...]:
    """Up to `most` of the steps, the first and the last among them, closer together at the beginning."""
    places = np.geomspace(1, len(steps), most) - 1
    return tuple(steps[place] for place in np.unique(places.round().astype(int)))
