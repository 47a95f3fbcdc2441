"""A few lines that shuffle the places of a map; they leave their answer in `result`."""


def shuffle() -> str:
    """The relative change of the Gram matrix, and the content loss in parts of the map's energy."""
    return """import torch

# maps: [channels, height, width], of any layer
flat = maps.double().flatten(1)
order = torch.randperm(flat.shape[1], generator=torch.Generator().manual_seed(0))
moved = flat[:, order]
gram, gram_moved = flat @ flat.T, moved @ moved.T
result = ((gram_moved - gram).norm() / gram.norm()).item(), ((moved - flat).square().sum() / flat.square().sum()).item()
"""
