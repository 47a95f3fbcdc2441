"""The stages of every network hold every tensor once, in the order in which a photo meets them."""

import pytest
import torch

from core.networks.building import classifier_name, skeleton
from core.transfer.recipe import Recipe
from core.transfer.stages import head_size, stages_of
from core.transfer.student import front_output, student, without_front

SMALL = (
    "tf_efficientnet_lite0",
    "resnet18",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "shufflenet_v2_x1_0",
    "vgg11_bn",
    "alexnet",
    "densenet121",
    "googlenet",
    "regnet_y_400mf",
    "convnext_tiny",
    "mnasnet0_5",
    "efficientnet_b0",
)


@pytest.mark.parametrize(
    "name", (*SMALL, "resnet50_v1", "inception_v3", "efficientnet_v2_s", "tf_efficientnet_lite4")
)
def test_every_tensor_is_in_one_stage_or_the_head(name: str) -> None:
    network = skeleton(name)
    head, stages = classifier_name(name), stages_of(name)
    assert len(stages) >= 4
    for key in network.state_dict():
        inside = sum(stage.holds(key) for stage in stages)
        assert inside == (0 if key.startswith(f"{head}.") else 1), key
    whole = sum(each.numel() for each in network.parameters())
    classes = network.get_submodule(head).out_features
    assert sum(stage.parameters for stage in stages) + head_size(name, classes) == whole


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("trained", [1, 2, 4])
def test_the_rest_fed_with_the_front_gives_what_the_whole_gives(name: str, trained: int) -> None:
    """Or the two differ in shape or value, which `Feed` finds out before it caches."""
    pupil = student(Recipe(network=name, approach="scratch", size_px=64), 3)
    pupil.trained = trained
    picture = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        whole = pupil.trunk(picture)
        alone = without_front(pupil).eval()(front_output(pupil, picture))
    torch.testing.assert_close(alone, whole)


def test_a_resnet_has_its_four_layers_and_a_lite_its_blocks() -> None:
    assert [stage.name for stage in stages_of("resnet18")] == [
        "conv1",
        "layer1",
        "layer2",
        "layer3",
        "layer4",
    ]
    lite = stages_of("tf_efficientnet_lite0")
    assert [stage.name for stage in lite] == ["conv_stem", *(f"blocks.{i}" for i in range(7)), "conv_head"]
    assert lite[-1].modules == ("conv_head", "bn2")  # a normalisation never parts from its convolution
    assert lite[-1].out_shape == (1280, 7, 7)
    assert head_size("resnet18", 3) == 513 * 3
