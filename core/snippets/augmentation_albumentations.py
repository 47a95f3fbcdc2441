"""One step of a chain as a line of Albumentations 2.0.8."""

from core.augmentation import Chain, Step

_BORDERS = {"constant": "BORDER_CONSTANT", "reflect": "BORDER_REFLECT_101", "edge": "BORDER_REPLICATE"}
_FACTORS = ("brightness", "contrast", "saturation", "hue")
_SWITCHES = {
    "flip": "HorizontalFlip()",
    "flip_vertical": "VerticalFlip()",
    "greyscale": "ToGray()",
    "equalize": 'Equalize(mode="pil")',
    "autocontrast": 'AutoContrast(method="pil")',
    "invert": "InvertImg()",
}


def line(step: Step, chain: Chain, probability: float) -> str:
    """The step with its probability; `A.NoOp()` with a comment where Albumentations has nothing like it."""
    text = _switch(step, probability) or _jitter(step) or _geometric(step, chain) or _rest(step)
    if not text:
        return f"A.NoOp()  # {step.transform}: not in Albumentations 2.0.8\n    "
    if text.endswith("p=)"):
        return f"A.{text[:-1]}{probability * (step.low + step.high) / 2:g})"
    return f"A.{text[:-1]}{', ' if not text.endswith('()') else ''}p={probability:g})"


def _switch(step: Step, probability: float) -> str:
    found = _SWITCHES.get(step.transform, "")
    return f"{found[:-1]}{', ' if not found.endswith('()') else ''}p=)" if found else ""


def _jitter(step: Step) -> str:
    if step.transform not in _FACTORS:
        return ""
    values = dict.fromkeys(_FACTORS[:3], "(1, 1)") | {"hue": "(0, 0)"}
    scale = 360 if step.transform == "hue" else 1
    values[step.transform] = f"({step.low / scale:.6g}, {step.high / scale:.6g})"
    return f"ColorJitter({', '.join(f'{name}={value}' for name, value in values.items())})"


def _geometric(step: Step, chain: Chain) -> str:
    ends = f"({step.low:g}, {step.high:g})"
    mode = {"bilinear": "INTER_LINEAR", "nearest": "INTER_NEAREST"}[chain.interpolation]
    how = f"interpolation=cv2.{mode}, border_mode=cv2.{_BORDERS[chain.border]}, fill={chain.fill}"
    match step.transform:
        case "zoom":
            return f"Affine(scale={ends}, {how})"
        case "rotate":
            return f"Rotate(limit={ends}, {how})"
        case "shear_x":
            return f'Affine(shear={{"x": {ends}, "y": (0, 0)}}, {how})'
        case "shear_y":
            return f'Affine(shear={{"x": (0, 0), "y": {ends}}}, {how})'
        case "translate_x":
            return f'Affine(translate_percent={{"x": {ends}, "y": (0, 0)}}, {how})'
        case "translate_y":
            return f'Affine(translate_percent={{"x": (0, 0), "y": {ends}}}, {how})'
        case "perspective":  # corners move by a normal distribution there
            return f"Perspective(scale=({step.low / 4:g}, {step.high / 4:g}), {how})"
        case "elastic":  # another field: smoothed noise, not a spline
            return f"ElasticTransform(alpha={2000 * step.high:g}, sigma=10, {how})"
        case "crop":  # a margin on each side: the place is not even, the share about right
            most = (1 - step.low**0.5) / 2
            sides = ", ".join(f"crop_{side}={most:.6g}" for side in ("left", "right", "top", "bottom"))
            return f"RandomCropFromBorders({sides})" if most > 0 else "NoOp()"
        case _:
            return ""


def _rest(step: Step) -> str:
    ends = f"({step.low:g}, {step.high:g})"
    match step.transform:
        case "resized_crop":
            size, aspect = step.option("size"), step.option("aspect")
            return (
                f"RandomResizedCrop(({size}, {size}), scale={ends}, ratio=({1 / aspect:.6g}, {aspect:.6g}))"
            )
        case "resize":
            sizes = step.low if step.low == step.high else list(range(int(step.low), int(step.high) + 1))
            return f"SmallestMaxSize({sizes}, interpolation=cv2.INTER_AREA)"
        case "gamma":
            return f"RandomGamma(gamma_limit=({100 * step.low:g}, {100 * step.high:g}))"
        case "posterize":
            return f"Posterize(num_bits={ends})"
        case "solarize":
            low, high = (min(value / 255, 1.0) for value in (step.low, step.high))
            return f"Solarize(threshold_range=({low:.6g}, {high:.6g}))"
        case "blur":
            return (
                f"GaussianBlur(blur_limit=0, sigma_limit=({max(step.low, 0.01):g}, {max(step.high, 0.01):g}))"
            )
        case "noise":
            return f"GaussNoise(std_range=({step.low / 255:.6g}, {step.high / 255:.6g}))"
        case "jpeg":
            return f"ImageCompression(quality_range={ends})"
        case "erasing":
            aspect = step.option("aspect")
            low, high = max(step.low, 1e-4), max(step.high, 1e-4)
            return (
                f"Erasing(scale=({low:g}, {high:g}), ratio=({1 / aspect:.6g}, {aspect:.6g}), "
                f"fill={step.option('value')})"
            )
        case _:
            return ""
