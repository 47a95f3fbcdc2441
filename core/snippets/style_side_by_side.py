"""A few lines that weigh one style layer against the content in three codes; they leave their answer in `result`."""


def balances(beta: float) -> str:
    """Style over content for each code, of two maps and two Gram matrices."""
    return f"""beta = {beta:g}

# F, P: maps of the picture and of the photo, G, A: mean Gram matrices of picture and style, as tensors
N, squares = len(G), (G - A).square().sum()
mean = (F - P).square().mean()
content = {{"gatys": (F - P).square().sum() / 2, "tutorial": mean, "johnson": mean}}
style = {{"gatys": squares / (4 * N**2), "tutorial": squares / N**4, "johnson": squares / N**2}}
result = {{code: (beta * style[code] / content[code]).item() for code in style}}
"""
