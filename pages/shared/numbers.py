"""Large numbers in short."""


def in_short(value: float, unit: str = "") -> str:
    """Three digits and a letter: 1.23 G, 4.5 M, 12 k."""
    for factor, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= factor:
            return f"{value / factor:.3g} {letter}{unit}"
    return f"{value:g} {unit}".strip()
