"""A chain as code to take home: for torchvision.transforms.v2 and for Albumentations 2.0.8.

Each leaves its picture in `result` and expects `photo`: for torchvision a uint8 tensor [3, height, width], for
Albumentations a uint8 array [height, width, 3], RGB. Where a library draws otherwise, a comment says so.
"""

from core.augmentation import Chain, OneOf, Step, transform
from core.snippets.augmentation_albumentations import line as albumentations_line

_IMPORTS = """import torch
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F
"""
_DRAWN = '''

class Drawn(v2.Transform):
    """A functional of torchvision at a strength that is drawn evenly from low to high, for images, boxes and masks."""

    def __init__(self, low, high, functional, arguments):
        super().__init__()
        self.low, self.high, self.functional, self.arguments = low, high, functional, arguments

    def make_params(self, flat_inputs):
        strength = self.low + (self.high - self.low) * torch.rand(()).item()
        height, width = v2.query_size(flat_inputs)
        return {"arguments": self.arguments(strength, height, width)}

    def transform(self, inpt, params):
        return self._call_kernel(self.functional, inpt, **params["arguments"])


def crop(share, height, width, reach=1.0):
    """A box of this share of the area, at a random place."""
    a = min(reach, 1 / share) ** (2 * torch.rand(()).item() - 1)
    h, w = max(1, round(height * (share / a) ** 0.5)), max(1, round(width * (share * a) ** 0.5))
    top, left = (int(torch.randint(0, n + 1, ())) for n in (height - h, width - w))
    return {"top": top, "left": left, "height": h, "width": w}
'''
_FACTORS = ("brightness", "contrast", "saturation")
_FUNCTIONALS = {
    "gamma": ("adjust_gamma", '{"gamma": s}'),
    "sharpness": ("adjust_sharpness", '{"sharpness_factor": s}'),
    "solarize": ("solarize", '{"threshold": s}'),
    "noise": ("gaussian_noise", '{"sigma": s / 255}'),
    "translate_x": ("affine", '{**STILL, "translate": [s * w, 0]}'),
    "translate_y": ("affine", '{**STILL, "translate": [0, s * h]}'),
}
_SWITCHES = {
    "flip": "RandomHorizontalFlip",
    "flip_vertical": "RandomVerticalFlip",
    "greyscale": "RandomGrayscale",
    "equalize": "RandomEqualize",
    "autocontrast": "RandomAutocontrast",
    "invert": "RandomInvert",
}


def torchvision_code(chain: Chain) -> str:
    """The chain as `torchvision.transforms.v2`; MixUp and CutMix follow for a batch, as torchvision has them."""
    mixing = [step for step in chain.all_steps if transform(step.transform).kind == "mix"]
    lines = [_element(each, chain) for each in chain.steps]
    listed = "".join(f"    {line},\n" for line in lines if line)
    text = _IMPORTS + (_DRAWN if "Drawn(" in listed else "")
    if "STILL" in listed:
        still = f'"angle": 0.0, "translate": [0, 0], "scale": 1.0, "shear": [0.0, 0.0], {_filling(chain)}'
        text += f"\n\nSTILL = {{{still}}}\n"
    if chain.border != "constant":
        text += f'\n# torchvision shows a colour beyond the edge, not "{chain.border}"\n'
    text += "\n# photo: uint8 tensor [3, height, width]\n"
    text += f"transforms = v2.Compose([\n{listed}])\n" if listed else "transforms = v2.Identity()\n"
    text += "result = transforms(photo)\n"
    for step in mixing:
        name = {"mixup": "MixUp", "cutmix": "CutMix"}[step.transform]
        text += (
            f"\n# for a batch: images, labels = mix(images, labels); it draws shares from Beta(alpha, alpha)\n"
            f"mix = v2.{name}(alpha={step.option('alpha'):g}, num_classes=1000)\n"
        )
    return text


def albumentations_code(chain: Chain) -> str:
    """The chain as an `albumentations.Compose`; what Albumentations 2.0.8 does not have becomes a comment."""
    lines = []
    for each in chain.steps:
        if isinstance(each, OneOf):
            inside = ", ".join(albumentations_line(step, chain, step.probability) for step in each.steps)
            lines.append(f"    A.OneOf([{inside}], p={each.probability:g}),\n")
        else:
            lines.append(f"    {albumentations_line(each, chain, each.probability)},\n")
    return (
        "import albumentations as A\nimport cv2\n\n# photo: uint8 array [height, width, 3], RGB\n"
        f"transforms = A.Compose([\n{''.join(lines)}])\n"
        'result = transforms(image=photo)["image"]\n'
    )


def _element(each: Step | OneOf, chain: Chain) -> str:
    """One entry of the list; "" for a step of a batch."""
    if isinstance(each, OneOf):
        pairs = [(_step(step, chain), share) for step, share in zip(each.steps, each.shares, strict=True)]
        choices = ", ".join(line or "v2.Identity()" for line, _ in pairs)
        text = f"v2.RandomChoice([{choices}], p={[round(share, 6) for _, share in pairs]})"
        return _with(each.probability, text)
    line = _step(each, chain)
    return _with(each.probability, line) if line else ""


def _with(probability: float, line: str) -> str:
    return line if probability == 1 else f"v2.RandomApply([{line}], p={probability:g})"


def _filling(chain: Chain) -> str:
    mode = {"bilinear": "BILINEAR", "nearest": "NEAREST"}[chain.interpolation]
    return f'"interpolation": v2.InterpolationMode.{mode}, "fill": {chain.fill}'


def _step(step: Step, chain: Chain) -> str:
    name, ends = step.transform, f"({step.low:g}, {step.high:g})"
    how = _filling(chain).replace('"interpolation": ', "interpolation=").replace('"fill": ', "fill=")
    if name in _SWITCHES:
        return f"v2.{_SWITCHES[name]}(p={(step.low + step.high) / 2:g})"
    if name in _FACTORS:
        return f"v2.ColorJitter({name}={ends})"
    if name in _FUNCTIONALS:
        functional, arguments = _FUNCTIONALS[name]
        return f"Drawn({step.low:g}, {step.high:g}, F.{functional}, lambda s, h, w: {arguments})"
    return _single(step, ends, how)


def _single(step: Step, ends: str, how: str) -> str:
    center = ", center=[0, 0]" if dict(step.options).get("corner") else ""
    match step.transform:
        case "zoom":
            return f"v2.RandomAffine(0, scale={ends}, {how})"
        case "rotate":
            return f"v2.RandomRotation({ends}, {how})"
        case "shear_x":
            return f"v2.RandomAffine(0, shear=({step.low:g}, {step.high:g}, 0, 0), {how}{center})"
        case "shear_y":
            return f"v2.RandomAffine(0, shear=(0, 0, {step.low:g}, {step.high:g}), {how}{center})"
        case "hue":
            return f"v2.ColorJitter(hue=({step.low / 360:.6g}, {step.high / 360:.6g}))"
        case "crop":
            reach = step.option("aspect")
            return f"Drawn({step.low:g}, {step.high:g}, F.crop, lambda s, h, w: crop(s, h, w, {reach:g}))"
        case "perspective":  # it draws from 0 up to the strength
            return f"v2.RandomPerspective({step.high:g}, p=1.0, {how})"
        case "elastic":  # another field: smoothed noise, not a spline
            return f"v2.ElasticTransform(alpha={2000 * step.high:g}, sigma=10.0, {how})"
        case "resized_crop":
            size, aspect = step.option("size"), step.option("aspect")
            return f"v2.RandomResizedCrop({size}, scale={ends}, ratio=({1 / aspect:.6g}, {aspect:.6g}), antialias=True)"
        case "resize" if step.low == step.high:
            return f"v2.Resize({step.low}, antialias=True)"
        case "resize":
            return f"v2.RandomResize({step.low}, {step.high + 1}, antialias=True)"
        case "posterize":
            return (
                f"Drawn({step.low - 0.499:g}, {step.high + 0.499:g}, F.posterize, "
                'lambda s, h, w: {"bits": round(s)})'
            )
        case "blur":
            side = 2 * round(4 * step.high) + 1
            low, high = max(step.low, 0.001), max(step.high, 0.001)
            return f"v2.GaussianBlur({side}, sigma=({low:g}, {high:g}))"
        case "jpeg":  # deprecated since torchvision 0.29, which says so
            return f"v2.JPEG(({step.low}, {step.high}))"
        case "erasing":
            aspect, value = step.option("aspect"), step.option("value")
            low, high = max(step.low, 1e-4), max(step.high, 1e-4)
            ratio = f"({1 / aspect:.6g}, {aspect:.6g})"
            return f"v2.RandomErasing(p=1.0, scale=({low:g}, {high:g}), ratio={ratio}, value={value})"
        case "randaugment":
            return f"v2.RandAugment({step.option('operations')}, magnitude={round((step.low + step.high) / 2)}, {how})"
        case "trivialaugment":
            return f"v2.TrivialAugmentWide({how})"
        case "autoaugment":
            return f"v2.AutoAugment(v2.AutoAugmentPolicy.{str(step.option('table')).upper()}, {how})"
        case _:
            return ""
