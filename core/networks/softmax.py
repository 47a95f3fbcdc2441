"""From the outputs of a network to probabilities."""

import numpy as np
from jaxtyping import Float


def softmax(outputs: Float[np.ndarray, "classes ..."]) -> Float[np.ndarray, "classes ..."]:
    """exp(z_c) / sum over c of exp(z_c), over the first axis; shifted by the largest so that nothing overflows."""
    powers = np.exp(outputs - outputs.max(axis=0))
    return powers / powers.sum(axis=0)
