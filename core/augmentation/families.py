"""Categories of ImageNet-1k that a person calls by one name: breeds stand side by side in its list.

A photo of a cat turned a little may become another breed of cat for the network; for most purposes the label survived.
Source: the order of the 1,000 categories, which follows WordNet (Russakovsky et al. 2015).
"""

from collections.abc import Sequence

FAMILIES = (
    ("a bird", ((7, 24), (80, 100), (127, 146))),
    ("a snake", ((52, 68),)),
    ("a spider", ((72, 77),)),
    ("a dog", ((151, 268),)),
    ("a cat", ((281, 285),)),
    ("a bear", ((294, 297),)),
)


def family(index: int) -> str:
    """What a person calls the category of this number: "a dog"; "" where it is in no family."""
    return next((name for name, runs in FAMILIES if any(a <= index <= b for a, b in runs)), "")


def relatives(name: str, categories: Sequence[str]) -> tuple[str, ...]:
    """All categories of the family of one, itself among them; itself alone where it is in no family.

    Args:
        name: of the category.
        categories: the 1,000 of ImageNet-1k in order; others have no families here.
    """
    mine = family(categories.index(name)) if len(categories) == 1000 else ""
    return tuple(each for i, each in enumerate(categories) if family(i) == mine) if mine else (name,)
