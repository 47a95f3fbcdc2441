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


def gram_difference() -> str:
    """How far the style of one picture is from another's in one layer, and the two channels that are missing most."""
    return """# S: maps of the style, F: of the current picture, [channels, height, width], of one layer
def mean_gram(maps):
    flat = maps.double().flatten(1)
    return flat @ flat.T / flat.shape[1]

A, G = mean_gram(S), mean_gram(F)
share = ((A - G).norm() / A.norm()).item()

above = (A - G).abs().triu(1)  # each pair of two different channels once
first, second = divmod(above.argmax().item(), len(A))
place = (S[first] * S[second]).argmax().item()  # where both are strongest in the style
result = share, (first, second), divmod(place, S.shape[2])
"""


def distance() -> str:
    """The mean distance of a style to the photo over some layers."""
    return """# photo, style: lists of maps [channels, height, width], one for each layer
def mean_gram(maps):
    flat = maps.double().flatten(1)
    return flat @ flat.T / flat.shape[1]

gaps = [(mean_gram(s) - mean_gram(p)).norm() / mean_gram(p).norm() for s, p in zip(style, photo)]
result = (sum(gaps) / len(gaps)).item()
"""
