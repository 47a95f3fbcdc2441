"""The photos that come with the app: one name each, so a link that names one shows the same pixels.

Sources, authors and licences of the files stand in assets/CREDITS.md.
"""

from functools import lru_cache
from pathlib import Path

from core.photo import WORKING_PX, Photo, open_photo

_FOLDER = Path(__file__).resolve().parent.parent / "assets" / "photos"
_FILES = {
    "Cat": "cat.jpg",
    "Coffee": "coffee.jpg",
    "Astronaut": "astronaut.jpg",
    "Flower": "flower.jpg",
    "Temple": "temple.jpg",
    "Rocket": "rocket.jpg",
    "Photographer": "photographer.jpg",
    "Bricks": "bricks.jpg",
    "Grass": "grass.jpg",
    "Handwriting": "text.jpg",
    "Retina": "retina.jpg",
    "Deep field": "deep_field.jpg",
}

NAMES = tuple(_FILES)
DEFAULT = NAMES[0]
ALT_TEXT = {
    "Cat": "A tabby cat's face, looking slightly to the right",
    "Coffee": "A red cup of coffee with a spoon on a wooden table, seen from above",
    "Astronaut": "A smiling astronaut in an orange suit before a flag and a model rocket",
    "Flower": "An orange dahlia before dark green leaves",
    "Temple": "A Chinese pagoda above trees and a lake",
    "Rocket": "A white rocket on its launch pad between lightning towers at dusk",
    "Photographer": "A man in a dark coat behind a camera on a tripod, in grey",
    "Bricks": "A wall of long bricks with light joints, in grey",
    "Grass": "Blades of grass and small leaves from above, in grey",
    "Handwriting": "Handwritten letters on paper, seen at an angle, in grey",
    "Retina": "A human retina with its blood vessels on black",
    "Deep field": "Hundreds of galaxies on a black sky",
}


@lru_cache(maxsize=len(_FILES))
def bundled(name: str) -> Photo:
    """The bundled photo called `name` (one of `NAMES`) at the working size; KeyError for any other name."""
    return open_photo((_FOLDER / _FILES[name]).read_bytes(), name, longest_px=WORKING_PX)
