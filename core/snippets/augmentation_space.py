"""Lines that give the feature space view's numbers again; the notebook brings the features."""


def distances(layer: str) -> str:
    """Relative distance of every variant from the photo, and the plane of the map."""
    return f"""import torch

# photo, variants: the output of "{layer}" of your network, [1, channels, h, w] and [n, channels, h, w]
p, v = photo.mean(dim=(2, 3)).double(), variants.mean(dim=(2, 3)).double()
distances = (v - p).norm(dim=1) / p.norm()
points = torch.cat([p, v])
u, s, directions = torch.linalg.svd(points - points.mean(dim=0), full_matrices=False)
plane = u[:, :2] * s[:2]  # a map of the points, the photo first; each direction may come out mirrored
result = (distances, (s[:2] ** 2).sum() / (s**2).sum())
"""
