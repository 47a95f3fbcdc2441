"""A file of weights that the app wrote says what it is; whatever else claims to say so is not believed."""

import json

import pytest
import torch
from safetensors.torch import save

from core import networks
from core.networks.building import untrained
from core.networks.file_label import FileLabel, label_of, shown_at
from core.networks.own import own_network
from core.networks.registry import record

LABEL = FileLabel("resnet18", ("ants", "bees", "кот"), 64)


def file_with(metadata: dict[str, str]) -> bytes:
    return save({"weight": torch.zeros(2)}, metadata=metadata)


def test_a_label_is_read_back() -> None:
    assert label_of(file_with(LABEL.metadata())) == LABEL


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 8,
        b"\xff" * 16,
        (20).to_bytes(8, "little") + b"not json, and no more",
        (2).to_bytes(8, "little") + b"[]",
        file_with({}),
        file_with({"architecture": "resnet18", "classes": '["a"]', "side_px": "64"}),
        *(
            file_with(LABEL.metadata() | change)
            for change in (
                {"classes": '"abc"'},
                {"classes": "[1, 2]"},
                {"classes": "[]"},
                {"classes": json.dumps(["a" * 61])},
                {"classes": json.dumps(["a\nb"])},
                {"classes": "[" * 100_000},
                {"side_px": "7"},
                {"side_px": "1e3"},
                {"side_px": "9" * 5000},
            )
        ),
    ],
)
def test_what_breaks_the_rules_is_no_label(data: bytes) -> None:
    assert label_of(data) is None


@pytest.mark.parametrize(
    "change", [{"classes": ()}, {"classes": ("",)}, {"classes": ("a\x00",)}, {"side_px": 321}], ids=str
)
def test_a_label_is_checked(change: dict) -> None:
    with pytest.raises(ValueError, match="got"):
        FileLabel(**({"architecture": "resnet18", "classes": ("a",), "side_px": 64} | change))


def test_the_side_keeps_the_proportion_of_resize_and_crop() -> None:
    how = record("resnet18").preprocessing  # 256 and 224
    assert (shown_at(how, 112).resize_px, shown_at(how, 112).crop_px) == (128, 112)
    assert shown_at(how, 224) == how


def test_a_network_is_shown_what_it_was_trained_on() -> None:
    from dataclasses import replace

    known = replace(
        record("resnet18"), weights=replace(record("resnet18").weights, kind="own"), categories=("a", "b")
    )
    tensors = {key: value.contiguous() for key, value in untrained(known, 0).state_dict().items()}
    label = FileLabel("resnet18", ("a", "b"), 64)
    own = own_network(save(tensors, metadata=label.metadata()), "resnet18", 2, ("a", "b"))
    assert own.record.input_px == 64
    assert own_network(save(tensors), "resnet18", 2).record.input_px == 224
    name = networks.bring(save(tensors, metadata=label.metadata()), "resnet18", 2, ("a", "b"))
    try:
        assert networks.record(name).preprocessing.resize_px == 73  # 256 * 64 / 224, rounded
    finally:
        networks.let_go(name)
