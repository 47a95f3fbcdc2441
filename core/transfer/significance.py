"""How far an accuracy measured on few photos can be trusted."""

from statistics import NormalDist

_Z = NormalDist().inv_cdf(0.975)


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share of which `right` out of `of` were counted; 0 to 1 without any.

    (p + z²/2n ± z sqrt(p (1 - p) / n + z²/4n²)) / (1 + z²/n) with p = right / of, n = of, z = 1.96.
    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".

    Raises: ValueError where `right` is not 0 to `of`.
    """
    if not 0 <= right <= of:
        raise ValueError(f"Of {of} photos 0 to {of} are right, got {right}.")
    if of == 0:
        return 0.0, 1.0
    share, square = right / of, _Z**2 / of
    middle = share + square / 2
    half = (square * share * (1 - share) + square**2 / 4) ** 0.5
    low, high = (middle - half) / (1 + square), (middle + half) / (1 + square)
    return (0.0 if right == 0 else low), (1.0 if right == of else high)
