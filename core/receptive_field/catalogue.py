"""The convolutional networks that can be traced, and how each is built without its weights.

Left out are networks whose units look everywhere at once from the first attention layer on: torchvision's ViT,
Swin and MaxViT. ConvNeXt is convolutional and in.
"""

from collections.abc import Callable
from typing import Any

NETWORKS: tuple[str, ...] = (
    "alexnet",
    "vgg11",
    "vgg11_bn",
    "vgg13",
    "vgg13_bn",
    "vgg16",
    "vgg16_bn",
    "vgg19",
    "vgg19_bn",
    "googlenet",
    "inception_v3",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet50_v1",
    "resnet101",
    "resnet152",
    "resnext50_32x4d",
    "resnext101_32x8d",
    "resnext101_64x4d",
    "wide_resnet50_2",
    "wide_resnet101_2",
    "densenet121",
    "densenet161",
    "densenet169",
    "densenet201",
    "squeezenet1_0",
    "squeezenet1_1",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "mobilenet_v3_large",
    "mnasnet0_5",
    "mnasnet0_75",
    "mnasnet1_0",
    "mnasnet1_3",
    "shufflenet_v2_x0_5",
    "shufflenet_v2_x1_0",
    "shufflenet_v2_x1_5",
    "shufflenet_v2_x2_0",
    *(f"efficientnet_b{i}" for i in range(8)),
    "efficientnet_v2_s",
    "efficientnet_v2_m",
    "efficientnet_v2_l",
    *(f"tf_efficientnet_lite{i}" for i in range(5)),
    *(f"regnet_x_{size}" for size in ("400mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf", "32gf")),
    *(f"regnet_y_{size}" for size in ("400mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf", "32gf", "128gf")),
    "convnext_tiny",
    "convnext_small",
    "convnext_base",
    "convnext_large",
)

PACKAGED = ("tf_efficientnet_lite0",)
"""Networks whose trained weights come with a Python package of the requirements."""


def build(name: str) -> Any:
    """The network `name` as a `torch.nn.Module` in evaluation mode whose parameters have shapes and no values.

    "resnet50_v1" is the paper's ResNet-50: in a block that halves the map the stride sits in the first 1 x 1
    convolution, where torchvision's v1.5 has it in the 3 x 3. GoogLeNet and Inception come without their auxiliary
    heads, which evaluation does not run.

    Raises: ValueError if the name is none of `NETWORKS`.
    """
    if name not in NETWORKS:
        raise ValueError(f"The network is one of core.receptive_field.NETWORKS, got {name!r}.")
    from core.receptive_field.weightless import Weightless

    with Weightless():
        network = _constructor(name)()
    return network.eval()


def _constructor(name: str) -> Callable[[], Any]:
    if name.startswith("tf_"):
        import timm

        return lambda: timm.create_model(name, pretrained=False)
    from torchvision.models import get_model

    if name in ("googlenet", "inception_v3"):
        return lambda: get_model(name, weights=None, aux_logits=False, init_weights=False)
    if name == "resnet50_v1":
        return lambda: _with_early_stride(get_model("resnet50", weights=None))
    return lambda: get_model(name, weights=None)


def _with_early_stride(network: Any) -> Any:
    """Move the stride of each downsampling bottleneck from the 3 x 3 to the first 1 x 1 (He et al. 2015, table 1)."""
    for stage in (network.layer2, network.layer3, network.layer4):
        stage[0].conv1.stride, stage[0].conv2.stride = (2, 2), (1, 1)
    return network
