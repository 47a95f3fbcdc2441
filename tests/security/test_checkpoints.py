"""Promises S1, S3 and R5 for checkpoints: nothing runs, limits come first, refusals explain."""

import io
import json
import pickle
import resource
import time
import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import save
from torchvision.models import resnet18

from core.networks import CheckpointError, own_network
from core.networks.building import skeleton
from core.networks.checkpoint import read_checkpoint
from core.networks.own import looks_like


class Marker:
    """Opening a pickle of this makes a file."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


def saved(value, **options):
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    return buffer.getvalue()


def drawn(architecture, classes, seed=0):
    generator = torch.Generator().manual_seed(seed)
    shapes = skeleton(architecture, classes=classes).state_dict()
    return {
        key: torch.zeros((), dtype=torch.long)
        if key.endswith("num_batches_tracked")
        else torch.rand(value.shape, generator=generator)
        for key, value in shapes.items()
    }


def refusal(data, architecture="resnet18", classes=10):
    with pytest.raises(CheckpointError) as caught:
        own_network(data, architecture, classes)
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


@pytest.fixture(scope="module")
def tensors():
    return drawn("resnet18", 10)


@pytest.mark.parametrize("pack", [save, saved], ids=["safetensors", "pt"])
def test_a_state_dict_becomes_a_network_that_computes_what_it_did(pack, tensors):
    own = own_network(pack(tensors), "resnet18", 10, file_name="mine")
    reference = resnet18(num_classes=10)
    reference.load_state_dict(tensors)
    x = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(own.network(x), reference.eval()(x).detach())
    assert own.record.categories[9] == "class 9"
    assert own.notes == ()
    assert not own.network.training
    assert not any(each.requires_grad for each in own.network.parameters())


@pytest.mark.parametrize(
    "wrap",
    [
        lambda tensors: {
            "state_dict": {f"module.{key}": value for key, value in tensors.items()},
            "epoch": 3,
        },
        lambda tensors: {
            key: torch.nn.Parameter(v) if v.is_floating_point() else v for key, v in tensors.items()
        },
        lambda tensors: {
            k: v.to(memory_format=torch.channels_last) if v.ndim == 4 else v for k, v in tensors.items()
        },
    ],
    ids=["wrapped", "parameters", "channels last"],
)
def test_usual_ways_of_saving_are_understood(wrap, tensors):
    assert own_network(saved(wrap(tensors)), "resnet18", 10).record.input_px == 224


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_code_is_named_and_never_run(tmp_path, protocol, tensors):
    marker = tmp_path / "marker"
    files = [
        pickle.dumps({"weight": Marker(marker)}, protocol=protocol),
        saved({**tensors, "fc.weight": Marker(marker)}, pickle_protocol=max(protocol, 1)),
        saved({"weight": Marker(marker)}, _use_new_zipfile_serialization=False),
    ]
    for data in files:
        assert "state" in refusal(data) or "state dict" in refusal(data)
        assert not marker.exists()
    assert "open" in refusal(files[1])


def test_a_whole_model_is_explained():
    text = refusal(saved(resnet18(num_classes=10)))
    assert "torchvision.models.resnet.ResNet" in text
    assert "torch.save(model.state_dict()" in text


def test_37_classes_instead_of_10():
    text = refusal(save(drawn("resnet18", 37)))
    assert "37 classes instead of 10" in text


@pytest.mark.parametrize("other", ["mobilenet_v2", "resnet50", "squeezenet1_1", "tf_efficientnet_lite0"])
def test_another_architecture_is_recognised(other):
    text = refusal(save(drawn(other, 10)))
    assert other in text
    assert "ResNet-18" in text


def test_what_looks_like_nothing():
    assert looks_like({"a": (1,)}) == ""
    assert "is missing" in refusal(save({"a": torch.zeros(1)}))


@pytest.mark.parametrize("pack", [save, saved], ids=["safetensors", "pt"])
@pytest.mark.parametrize("share", [0.001, 0.1, 0.9, 0.9999])
def test_a_truncated_file_is_one_sentence(pack, share, tensors):
    data = pack(tensors)
    assert "cut off" in refusal(data[: int(len(data) * share)])


@pytest.mark.parametrize(
    "data", [b"", b"\x89PNG\r\n\x1a\n", b"{}", b"PK\x03\x04", b"\x08\0\0\0\0\0\0\0{", b"\x80\x02", bytes(100)]
)
def test_odd_bytes_are_one_sentence(data):
    refusal(data)


def measured(data):
    """The refusal, the memory and the time it took."""
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    text = refusal(data)
    assert time.perf_counter() - start < 3
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000
    return text


def test_an_expanded_tensor_is_no_bomb():
    data = saved({"weight": torch.zeros(1).expand(200_000, 200_000)})
    assert len(data) < 3_000
    assert "160,000" in measured(data)


def test_an_overlapping_tensor_is_not_dense():
    assert "dense" in measured(saved({"weight": torch.zeros(100).as_strided((5, 5), (1, 1))}))


def deflated(data):
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, old.read(info))
    return buffer.getvalue()


def test_a_deflated_checkpoint_is_refused():
    data = deflated(saved({"weight": torch.zeros(10_000_000)}))
    assert "compress" in measured(data)


def test_more_than_500_mb_unpacked_is_refused():
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a/data/0", "w") as member,
    ):
        for _ in range(51):
            member.write(bytes(10_000_000))
    assert "500 MB" in measured(buffer.getvalue())


@pytest.mark.parametrize("pack", [save, saved], ids=["safetensors", "pt"])
def test_20_000_keys_are_refused(pack):
    shared = torch.zeros(1)
    many = {f"layer{i}.weight": torch.zeros(1) if pack is save else shared for i in range(20_000)}
    assert "2,000 tensors" in measured(pack(many))


@pytest.mark.parametrize(
    "value",
    [torch.zeros(3, dtype=torch.int32), torch.zeros(3).to_sparse(), torch.zeros(3, dtype=torch.complex64)],
)
def test_only_dense_floats(value):
    refusal(saved({"weight": value}))


def test_a_safetensors_header_that_claims_too_much():
    header = json.dumps({"a": {"dtype": "F32", "shape": [200_000, 200_000], "data_offsets": [0, 4]}}).encode()
    assert "160,000 MB" in measured(len(header).to_bytes(8, "little") + header + bytes(4))
    assert "2,000 tensors" in measured((10**9).to_bytes(8, "little") + b"{" + bytes(99))


def test_a_hidden_tensor_is_checked_too():
    """One that is overwritten, or hangs on the dict as an attribute, is made all the same."""
    hiding = __import__("collections").OrderedDict(weight=torch.zeros(2))
    hiding._metadata = {"bomb": torch.zeros(1).expand(200_000, 200_000)}
    assert "160,000" in measured(saved(hiding))


def test_values_that_are_no_numbers_are_a_warning(tensors):
    broken = {**tensors, "fc.bias": torch.full((10,), float("nan"))}
    (note,) = own_network(save(broken), "resnet18", 10).notes
    assert "not a number" in note


def test_half_precision_is_used_as_float32(tensors):
    half = {key: value.half() if value.is_floating_point() else value for key, value in tensors.items()}
    own = own_network(saved(half), "resnet18", 10)
    assert next(own.network.parameters()).dtype == torch.float32
    assert "precision" in own.notes[0]


def test_flipped_bytes_never_give_anything_but_a_network_or_a_sentence():
    data = saved({"weight": torch.arange(100.0), "bias": torch.zeros(3)})
    rng = np.random.default_rng(0)
    for position in rng.integers(0, len(data), 300):
        flipped = bytearray(data)
        flipped[position] ^= int(rng.integers(1, 256))
        try:
            read_checkpoint(bytes(flipped))
        except CheckpointError as error:
            assert "weights_only" not in str(error)
