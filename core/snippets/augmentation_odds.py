"""Lines that give the odds view's numbers again."""

from core.augmentation import Chain


def odds(chain: Chain) -> str:
    """Share untouched, expected number of transforms, and the chance of every number of transforms."""
    chances = [each.probability for each in chain.steps]
    return f"""import torch

p = torch.tensor({chances}, dtype=torch.float64)  # of every step, in order
counts = torch.ones(1, dtype=torch.float64)
for chance in p:  # one more step: it is left out, or carried out
    zero = torch.zeros(1, dtype=torch.float64)
    counts = torch.cat([counts, zero]) * (1 - chance) + torch.cat([zero, counts]) * chance
result = ((1 - p).prod().item(), p.sum().item(), counts.tolist())
"""


def counted(chain: Chain, seed: int, draws: int) -> str:
    """The same two numbers counted in draws."""
    chances = [each.probability for each in chain.steps]
    return f"""import torch

p = torch.tensor({chances}, dtype=torch.float64)
dice = torch.Generator().manual_seed({seed})
carried_out = torch.rand({draws}, len(p), generator=dice, dtype=torch.float64) < p
number = carried_out.sum(dim=1)
result = ((number == 0).double().mean().item(), number.double().mean().item())
"""
