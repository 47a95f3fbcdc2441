"""Lines that give the label view's numbers again; they read the photo from photo.png beside the notebook."""


def survival(name: str, strength: float, category: int, also: tuple[int, ...] = ()) -> str:
    """P(label) of the photo after one transform at one strength; `network` and `prepare` are the notebook's own."""
    right = sorted({category, *also})
    return f"""import numpy as np
from PIL import Image
from core.augmentation import apply, fixed

# network: yours, in evaluation mode; prepare: from RGB pixels to its input [1, 3, height, width]
photo = np.array(Image.open("photo.png").convert("RGB"))
changed = apply(fixed("{name}", {strength!r}, photo.shape[:2]), photo)
probabilities = network(prepare(changed)).softmax(1)[0]
result = probabilities[{right}].sum().item()
"""


def digit(name: str, index: int, strength: float) -> str:
    """Probabilities of the ten digits after a transform; `network` is the notebook's own, trained on 8 x 8 digits."""
    return f"""import numpy as np
from sklearn.datasets import load_digits
from core.augmentation import apply, fixed

# network: yours, for [n, 1, 8, 8] from 0 to 1
grey = np.rint(load_digits().images[{index}] * (255 / 16)).astype(np.uint8)
large = np.repeat(grey.repeat(4, 0).repeat(4, 1)[..., None], 3, axis=2)  # 32 x 32 pixels, RGB
changed = apply(fixed("{name}", {strength!r}, (32, 32)), large)
small = changed.mean(axis=2, dtype=np.float32).reshape(8, 4, 8, 4).mean(axis=(1, 3)) / np.float32(255)
result = network(small)
"""
