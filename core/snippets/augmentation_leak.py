"""Lines that give the leak view's numbers again from the accuracies of every seed."""

from collections.abc import Sequence

from core.augmentation.leak import LeakRun


def gain(runs: Sequence[LeakRun]) -> str:
    """Mean of reported - real over the seeds of one way, and its standard error."""
    reported, real = ([round(getattr(run, name), 6) for run in runs] for name in ("reported", "real"))
    return f"""import torch

reported = torch.tensor({reported}, dtype=torch.float64)  # one for each seed
real = torch.tensor({real}, dtype=torch.float64)
unreal = reported - real
result = (unreal.mean().item(), (unreal.std() / len(unreal) ** 0.5).item())
"""


def split(group: str = "digit") -> str:
    """How to split so that nothing leaks: by what a picture was made of, before any copy is made."""
    return f"""import numpy as np
from sklearn.model_selection import GroupShuffleSplit

# {group}: for each picture the number of the original that it was made of
train, check = next(GroupShuffleSplit(1, test_size=0.5, random_state=0).split({group}, groups={group}))
result = len(set(np.asarray({group})[train]) & set(np.asarray({group})[check]))  # 0: nothing leaks
"""
