"""Your own network on the page: brought, looked through in both views, private, kept on page changes, and freed."""

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import save
from streamlit.testing.v1 import AppTest

from core import networks
from core.networks import guests
from pages.networks import features_own
from tests.pages.opening import opened
from tests.security.test_checkpoints import Marker, drawn, saved

PAGE = "pages/networks/features.py"
NAMES = "cat\ndog\n<b>hen</b>\n$x$"


@pytest.fixture(scope="module")
def checkpoint() -> bytes:
    return save(realistic())


def realistic() -> dict[str, torch.Tensor]:
    """MobileNetV3-Small with random weights of the usual size and four classes."""
    tensors = dict(networks.load("mobilenet_v3_small", "untrained").state_dict())
    for name in ("classifier.3.weight", "classifier.3.bias"):
        tensors[name] = tensors[name][:4]
    return {name: tensor.contiguous() for name, tensor in tensors.items()}


@pytest.fixture(autouse=True)
def nobody_stays() -> Iterator[None]:
    yield
    for name in list(guests._guests):
        while networks.is_present(name):
            networks.let_go(name)


def open_own(**parameters: str) -> AppTest:
    given = {
        "network": features_own.OWN,
        "feat_own_architecture": "mobilenet_v3_small",
        "feat_own_classes": "4",
        **parameters,
    }
    return opened(PAGE, given)


def bring(app: AppTest, data: bytes, name: str = "mine.safetensors") -> AppTest:
    uploader = next(each for each in app.file_uploader if each.key.startswith("feat_own_file"))
    uploader.upload(name, data, "application/octet-stream").run()
    assert not app.exception, app.exception[0].message
    return app


def errors(app: AppTest) -> list[str]:
    return [error.value.replace("\\", "") for error in app.error]


def words(app: AppTest) -> str:
    return " ".join(text.value for text in (*app.markdown, *app.caption, *app.info)).replace("\\", "")


def bars(app: AppTest) -> list[str]:
    return [bar.proto.text for bar in app.get("progress")]


def test_what_the_link_asks_for_is_explained_until_it_is_there() -> None:
    app = open_own()
    assert "Until then you see EfficientNet-Lite0" in words(app)
    assert len(bars(app)) == 5
    assert app.selectbox(key="feat_own_architecture").value == "mobilenet_v3_small"
    assert app.number_input(key="feat_own_classes").value == 4


def test_your_network_answers_in_your_words_and_nothing_waits_on_the_server(checkpoint: bytes) -> None:
    app = open_own()
    app.text_area(key="feat_own_names").set_value(NAMES).run()
    bring(app, checkpoint)
    assert "MobileNetV3-Small, your own" in words(app)
    said = " ".join(bars(app)).replace("\\", "")
    assert len(bars(app)) == 4
    assert all(name in said for name in ("cat", "dog", "‹b›hen‹/b›", "$x$"))
    assert all("\\$" in bar for bar in bars(app) if "x" in bar)
    app.run()
    assert not [each for each in app.file_uploader if each.key.startswith("feat_own_file")]


@pytest.mark.parametrize(
    "section", ["One unit", "Cut the wire", "The layer in numbers", "Side by side", "Two photos"]
)
def test_every_section_of_the_maps_works_with_it(checkpoint: bytes, section: str) -> None:
    app = bring(open_own(feat_section=section), checkpoint)
    assert not app.exception
    assert not app.error
    assert not app.warning


@pytest.mark.parametrize("section", ["The weights", "What does it look for?", "Your own top nine"])
def test_every_section_of_the_filters_works_with_it(checkpoint: bytes, section: str) -> None:
    app = bring(open_own(feat_view="Filters", feat_filters_section=section), checkpoint)
    assert not app.error
    assert not app.warning
    assert (
        "features.0.0"
        in app.selectbox(key="feat_filters_layer" if "weights" in section else "feat_filters_deep").options
    )


def test_it_stays_on_page_changes_and_in_the_other_view(checkpoint: bytes) -> None:
    app = bring(open_own(), checkpoint)
    app.switch_page("pages/foundations/convolution.py").run()
    app.switch_page(PAGE).run()
    assert "MobileNetV3-Small, your own" in words(app)
    app.segmented_control(key="feat_view").set_value("Filters").run()
    assert not app.exception
    assert not app.info


def test_a_wrong_number_of_classes_is_told_and_mended_without_another_upload(checkpoint: bytes) -> None:
    app = bring(open_own(feat_own_classes="10"), checkpoint)
    assert "4 classes instead of 10" in errors(app)[0]
    app.number_input(key="feat_own_classes").set_value(4).run()
    assert errors(app) == []
    assert "MobileNetV3-Small, your own" in words(app)


@pytest.mark.parametrize("kind", ["code", "cut", "other", "picture"])
def test_what_cannot_be_used_is_one_sentence_and_nothing_runs(
    checkpoint: bytes, kind: str, tmp_path: Path
) -> None:
    marker = tmp_path / "marker"
    data, said = {
        "code": (saved({"weight": Marker(marker)}), "open"),
        "cut": (checkpoint[: len(checkpoint) // 2], "cut off"),
        "other": (
            save(drawn("resnet18", 4)),
            "looks like ResNet-18 (resnet18) and not like MobileNetV3-Small",
        ),
        "picture": (b"\x89PNG\r\n\x1a\n" + bytes(50), "got neither"),
    }[kind]
    app = bring(open_own(), data, "mine.pt")
    assert said in errors(app)[0]
    assert not marker.exists()
    assert "Until then you see" in words(app)


def test_names_that_do_not_fit_are_told(checkpoint: bytes) -> None:
    app = open_own()
    app.text_area(key="feat_own_names").set_value("cat\ndog").run()
    bring(app, checkpoint)
    assert "one name for each of the 4 classes, got 2" in errors(app)[0]


def test_a_file_of_the_servers_folder(
    checkpoint: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "class.safetensors").write_bytes(checkpoint)
    (tmp_path / "own" / "notes.txt").write_text("no weights")
    monkeypatch.setenv("CONVNET_EXPLORER_WEIGHTS", str(tmp_path))
    app = open_own()
    shelf = app.selectbox(key="feat_own_shelf_0")
    assert shelf.options == ["class.safetensors"]
    shelf.set_value("class.safetensors").run()
    assert "MobileNetV3-Small, your own" in words(app)
    with pytest.raises(networks.CheckpointError, match="one of those"):
        networks.from_folder("../own/class.safetensors")


def test_letting_go_frees_it(checkpoint: bytes) -> None:
    app = bring(open_own(), checkpoint)
    (name,) = guests._guests
    network = weakref.ref(guests.network_of(name))
    tensors = weakref.ref(next(iter(guests.network_of(name).parameters())))
    app.button(key="feat_own_drop").click().run()
    assert not app.exception
    gc.collect()
    assert network() is None
    assert tensors() is None
    assert "Until then you see" in words(app)


def test_it_can_be_brought_again(checkpoint: bytes) -> None:
    app = bring(open_own(), checkpoint)
    first = bars(app)
    app.button(key="feat_own_drop").click().run()
    bring(app, checkpoint)
    assert bars(app) == first


@pytest.mark.parametrize(
    "broken", ["classifier.3.bias", "features.0.0.weight", "features.3.block.1.1.running_var"]
)
def test_a_network_that_answers_with_no_numbers_is_not_taken_in(broken: str) -> None:
    tensors = realistic()
    tensors[broken] = torch.full_like(tensors[broken], float("nan"))
    app = bring(open_own(), save(tensors))
    assert "infinite or not a number even for a grey picture" in errors(app)[0]
    assert "1 tensors contain" in errors(app)[0]


def test_two_who_bring_one_file_hold_one_network(checkpoint: bytes) -> None:
    first = networks.bring(checkpoint, "mobilenet_v3_small", 4)
    assert networks.bring(checkpoint, "mobilenet_v3_small", 4) == first
    other = networks.bring(checkpoint, "mobilenet_v3_small", 4, ["a", "b", "c", "d"])
    assert other != first
    networks.let_go(first)
    assert networks.load(first).training is False
    networks.let_go(first)
    with pytest.raises(ValueError, match="not here any more"):
        networks.load(first)


def test_the_networks_of_all_visitors_are_bounded(checkpoint: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guests, "BYTES_MOST", len(checkpoint) * 3 // 2)
    networks.bring(checkpoint, "mobilenet_v3_small", 4)
    with pytest.raises(networks.CheckpointError, match="another visitor has left"):
        networks.bring(checkpoint, "mobilenet_v3_small", 4, ["a", "b", "c", "d"])


def test_the_untrained_twin_has_the_classes_too(checkpoint: bytes) -> None:
    name = networks.bring(checkpoint, "mobilenet_v3_small", 4)
    twin = networks.load(name, "untrained", seed=3)
    assert twin(torch.zeros(1, 3, 64, 64)).shape == (1, 4)
