"""How the authors of a network write its name, and where they published it. No library is loaded for this."""

import re

_FAMILIES: tuple[tuple[str, str, str], ...] = (
    (
        "vgg16_hed",
        "VGG-16 trunk (HED)",
        "Simonyan and Zisserman 2015, arXiv 1409.1556; Xie and Tu 2015, 1504.06375",
    ),
    ("alexnet", "AlexNet", "Krizhevsky 2014, arXiv 1404.5997 (one tower); Krizhevsky et al. 2012, NIPS"),
    ("vgg", "VGG-", "Simonyan and Zisserman 2015, arXiv 1409.1556"),
    ("googlenet", "GoogLeNet", "Szegedy et al. 2015, arXiv 1409.4842"),
    ("inception_v3", "Inception v3", "Szegedy et al. 2016, arXiv 1512.00567"),
    ("resnet50_v1", "ResNet-50 v1", "He et al. 2016, arXiv 1512.03385"),
    ("resnet", "ResNet-", "He et al. 2016, arXiv 1512.03385"),
    ("resnext", "ResNeXt-", "Xie et al. 2017, arXiv 1611.05431"),
    ("wide_resnet", "Wide ResNet-", "Zagoruyko and Komodakis 2016, arXiv 1605.07146"),
    ("densenet", "DenseNet-", "Huang et al. 2017, arXiv 1608.06993"),
    ("squeezenet", "SqueezeNet ", "Iandola et al. 2016, arXiv 1602.07360"),
    ("mobilenet_v2", "MobileNetV2", "Sandler et al. 2018, arXiv 1801.04381"),
    ("mobilenet_v3_", "MobileNetV3-", "Howard et al. 2019, arXiv 1905.02244"),
    ("mnasnet", "MNASNet ", "Tan et al. 2019, arXiv 1807.11626"),
    ("shufflenet_v2_x", "ShuffleNet v2 ×", "Ma et al. 2018, arXiv 1807.11164"),
    ("efficientnet_v2_", "EfficientNetV2-", "Tan and Le 2021, arXiv 2104.00298"),
    ("efficientnet_", "EfficientNet-", "Tan and Le 2019, arXiv 1905.11946"),
    (
        "tf_efficientnet_lite",
        "EfficientNet-Lite",
        "Liu 2020, TensorFlow blog, after Tan and Le 2019, arXiv 1905.11946",
    ),
    ("regnet_", "RegNet", "Radosavovic et al. 2020, arXiv 2003.13678"),
    ("convnext_", "ConvNeXt-", "Liu et al. 2022, arXiv 2201.03545"),
)


def title_of(name: str) -> str:
    """The name for people: "resnet18" is ResNet-18, "vgg16_bn" is VGG-16 with batch normalisation."""
    prefix, title, _ = _family(name)
    rest = name.removeprefix(prefix)
    if prefix in ("resnext", "wide_resnet"):
        return title + rest.replace("_", " ")
    if prefix == "regnet_":
        kind, _, size = rest.partition("_")
        return f"{title}{kind.upper()}-{size.replace('_', '.').replace('mf', 'MF').replace('gf', 'GF')}"
    if prefix == "efficientnet_":
        return title + rest.upper()
    if prefix in ("efficientnet_v2_", "mobilenet_v3_", "convnext_"):
        return title + (rest.upper() if len(rest) == 1 else rest.capitalize())
    return title + re.sub(r"_bn$", " with batch normalisation", rest).replace("_", ".")


def paper_of(name: str) -> str:
    """Authors, year and where it was published."""
    return _family(name)[2]


def _family(name: str) -> tuple[str, str, str]:
    for family in _FAMILIES:
        if name.startswith(family[0]):
            return family
    raise ValueError(f"The network's family is unknown, got {name!r}.")
