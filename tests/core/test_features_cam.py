"""Class activation maps against loops over hooked gradients, and against torchcam."""

import copy
import threading

import numpy as np
import pytest
import torch
from torch.nn import functional
from torchcam.methods import GradCAM, LayerCAM

from core.features.circuit import PICTURE, Circuit, circuit_from, evaluate
from core.features.explanations import (
    METHODS,
    Effort,
    Explanation,
    Subject,
    enlarged,
    explain,
    explain_steps,
    formulas_of,
    layers_to_explain,
    subject_in,
    subject_of,
    usable,
)
from core.features.explanations.score_cam import strongest_channels
from core.features.explanations.subject import capture, outputs
from core.features.maps import layers_of
from core.networks import load
from tests.core.explained_networks import (
    LITE,
    MODULES,
    NETWORKS,
    close,
    hooked,
    network,
    one_thread,  # noqa: F401  used by every test here
    own_copy,
    picture,
    subject,
)

CAMS = ("grad_cam", "grad_cam_pp", "layer_cam", "eigen_cam")


@pytest.mark.parametrize("name", MODULES)
def test_maps_and_slopes_are_those_of_a_hook(name):
    seen = capture(subject(name))
    maps, slopes, output = hooked(name)
    assert close(seen.maps, maps) and close(seen.slopes, slopes)
    assert seen.output == pytest.approx(output, rel=1e-4, abs=1e-4)


def loop_cams(maps, slopes):
    """All four as their authors write them, channel by channel."""
    maps, slopes = maps.astype(np.float64), slopes.astype(np.float64)
    plain, plus, layer = (np.zeros(maps.shape[1:]) for _ in range(3))
    for plane, slope in zip(maps, slopes, strict=True):
        plain += sum(slope.ravel()) / slope.size * plane
        weight = 0.0
        for g in slope[slope > 0]:
            weight += g * g**2 / (2 * g**2 + plane.sum() * g**3 + 1e-6)
        plus += weight * plane
        layer += np.maximum(slope, 0) * plane
    places = maps.reshape(len(maps), -1).T
    _, _, directions = np.linalg.svd(places - places.mean(0), full_matrices=False)
    eigen = ((places - places.mean(0)) @ directions[0]).reshape(maps.shape[1:])
    eigen *= np.sign((eigen * maps.mean(0)).sum())
    return {"grad_cam": plain, "grad_cam_pp": plus, "layer_cam": layer, "eigen_cam": eigen}


@pytest.mark.parametrize("name", MODULES)
def test_maps_agree_with_loops_over_hooked_gradients(name):
    maps, slopes, _ = hooked(name)
    for method, expected in loop_cams(maps, slopes).items():
        found = explain(method, subject(name))
        assert found.method == method
        assert close(found.values, expected), method


@pytest.mark.parametrize("name", MODULES)
def test_maps_agree_with_torchcam(name):
    for method, theirs in (("grad_cam", GradCAM), ("layer_cam", LayerCAM)):
        with theirs(own_copy(name), MODULES[name]) as explainer:
            scores = own_copy(name)(picture().requires_grad_())
            expected = explainer(7, scores, normalized=False)[0][0].numpy()
        assert close(np.maximum(explain(method, subject(name)).values, 0), expected), method


def test_grad_cam_after_global_pooling_is_the_class_activation_map():
    """With one linear layer after the mean over places, alpha is the classifier's weight over the places."""
    asked = subject("resnet18")
    found = explain("grad_cam", asked)
    weights = asked.circuit.tensors["fc.weight"][asked.category].numpy()
    assert np.allclose(found.details["weights"] * found.values.size, weights, atol=1e-5)


def test_earlier_layers_with_branches_around_them_get_their_whole_gradient():
    asked = subject("resnet18", layer="layer3.0.relu")
    held = {}
    handle = (
        own_copy("resnet18")
        .layer3[0]
        .bn1.register_forward_hook(
            lambda _m, _i, output: held.update(maps=output.clone().requires_grad_()) or held["maps"]
        )
    )
    (slopes,) = torch.autograd.grad(own_copy("resnet18")(picture())[0, 7], held["maps"])
    handle.remove()
    found = capture(asked)
    alive = found.maps > 0
    assert close(found.slopes[alive], slopes[0].numpy()[alive])


def test_score_cam_agrees_with_a_loop():
    asked, (maps, _, _) = subject(LITE), hooked(LITE)
    channels = strongest_channels(maps, 10)
    peaks = sorted((float(plane.max()) for plane in maps if np.ptp(plane) > 0), reverse=True)
    assert [float(maps[k].max()) for k in channels] == peaks[:10]
    scores = []
    for k in channels:
        mask = functional.interpolate(torch.from_numpy(maps[k])[None, None], asked.hw, mode="bilinear")[0, 0]
        mask = (mask - mask.min()) / (mask.max() - mask.min())
        with torch.no_grad():
            scores.append(float(own_copy(LITE)(asked.tensor * mask)[0, 7]))
    weights = np.exp(np.array(scores) - max(scores))
    weights /= weights.sum()
    expected = sum(w * maps[k] for w, k in zip(weights, channels, strict=True))
    steps = list(explain_steps("score_cam", asked, Effort(channels=10)))
    found = steps[-1][1]
    assert close(found.values, expected)
    assert found.details["of"] == len(maps) and found.details["weights"].sum() == pytest.approx(1)
    assert [share for share, _ in steps] == [0.8, 1, 1] and steps[0][1] is None


@pytest.mark.parametrize("name", NETWORKS)
def test_several_pictures_at_once_give_what_each_gives_alone(name):
    pictures = torch.cat([picture(), picture().flip(3), 0.3 * picture()])
    with torch.no_grad():
        together = outputs(subject(name).circuit, pictures).numpy()
        alone = network(name)(pictures).numpy()
    assert close(together, alone)


@pytest.mark.parametrize("name", ["resnet18", "shufflenet_v2_x1_0", "efficientnet_b0"])
def test_results_that_are_given_or_wanted_are_not_written_over(name):
    circuit = subject(name).circuit
    layers = [layer.index for layer in layers_of(circuit).values()]
    shown = picture()
    with torch.no_grad():
        together = evaluate(circuit, {PICTURE: shown}, layers)
        assert torch.equal(shown, picture())
        kept = {index: values.clone() for index, values in together.items()}
        for index in layers[::4]:
            assert torch.equal(evaluate(circuit, {PICTURE: shown}, (index,))[index], kept[index])
        evaluate(circuit, {PICTURE: shown, **together}, (circuit.last,))
    assert all(torch.equal(together[index], values) for index, values in kept.items())


@pytest.mark.parametrize("name", NETWORKS)
def test_the_layers_offered_are_passages_and_the_last_is_coarsest(name):
    layers = layers_to_explain(subject(name).circuit)
    sizes = [layer.hw[0] for layer in layers]
    assert sizes == sorted(set(sizes), reverse=True) and layers[-1].hw[0] >= 2
    assert subject(name).layer == layers[-1].name


def test_eigen_cam_is_the_same_for_every_class_and_the_others_are_not():
    for method in (*CAMS, "saliency", "guided_backprop"):
        one, other = (explain(method, subject(LITE, category)).values for category in (7, 8))
        assert np.array_equal(one, other) == (method == "eigen_cam"), method


def test_a_shared_network_stays_as_it_was_and_serves_all_threads():
    shared = network(LITE)
    before = copy.deepcopy(shared.state_dict())
    jobs = [(method, category) for method in usable(subject(LITE)) for category in (7, 8)]
    effort = Effort(channels=4, steps=2, window=48, stride=48)
    expected = {job: explain(job[0], subject(LITE, job[1]), effort).values for job in jobs}
    wrong = []

    def work(mine) -> None:
        for method, category in mine:
            found = explain(method, subject(LITE, category), effort)
            if not np.array_equal(found.values, expected[method, category]):
                wrong.append((method, category))

    threads = [threading.Thread(target=work, args=(jobs[number:] + jobs[:number],)) for number in (0, 5, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert all(torch.equal(value, before[key]) for key, value in shared.state_dict().items())
    assert not any(module.training for module in shared.modules())
    assert all(parameter.grad is None and not parameter.requires_grad for parameter in shared.parameters())
    assert not any(module._forward_hooks or module._backward_hooks for module in shared.modules())


def test_a_map_is_enlarged_over_equal_parts_of_the_picture():
    small = np.arange(12, dtype=np.float32).reshape(3, 4)
    expected = functional.interpolate(torch.from_numpy(small)[None, None], (60, 80), mode="bilinear")[0, 0]
    assert np.allclose(enlarged(small, (60, 80)), expected.numpy(), atol=1e-4)
    found = Explanation("grad_cam", small - 20)
    assert found.empty and not found.heat((60, 80)).any()


def constant_subject(value: float) -> Subject:
    return subject_of(network(LITE), torch.full((1, 3, 96, 96), value), 7)


@pytest.mark.parametrize("value", [0.0, 0.7])
def test_a_picture_of_one_colour_gets_finite_maps_from_every_method(value):
    for method in METHODS:
        found = explain(method, constant_subject(value), Effort(channels=3, steps=2, window=48, stride=48))
        heat_map = found.heat((96, 96))
        assert heat_map.min() >= 0 and heat_map.max() <= 1
        assert formulas_of(found)


def single_place() -> Subject:
    """A network whose maps have one place each."""
    layers = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 8), torch.nn.Sigmoid(), torch.nn.Flatten(), torch.nn.Linear(4, 5)
    )
    tensors = torch.Generator().manual_seed(0)
    for parameter in layers.parameters():
        parameter.data = torch.randn(parameter.shape, generator=tensors)
    return subject_in(circuit_from(layers, (8, 8)), torch.randn(1, 3, 8, 8, generator=tensors), 2)


def test_without_places_or_relus_the_methods_that_need_them_are_left_out():
    asked = single_place()
    assert asked.layer == ""
    assert usable(asked) == ("occlusion", "saliency", "integrated_gradients")
    for method in (*CAMS, "score_cam"):
        with pytest.raises(ValueError, match="need a layer with places"):
            explain(method, asked)
    with pytest.raises(ValueError, match="has none"):
        explain("guided_backprop", asked)
    for method in usable(asked):
        assert not explain(method, asked, Effort(window=4, stride=4)).empty


def test_flat_maps_give_flat_explanations_without_a_warning():
    asked = subject(LITE)
    tensors = {name: torch.zeros_like(tensor) for name, tensor in asked.circuit.tensors.items()}
    dead = Subject(Circuit(asked.circuit.steps, tensors), asked.tensor, asked.layer, 7)
    for method in METHODS:
        found = explain(method, dead, Effort(channels=3, steps=2, window=48, stride=48))
        assert found.empty and not found.heat((96, 96)).any(), method
        assert formulas_of(found)


@pytest.mark.parametrize(
    ("category", "shape"), [(-1, (1, 3, 64, 64)), (1000, (1, 3, 64, 64)), (0, (2, 3, 64, 64))]
)
def test_a_subject_is_one_picture_and_one_category(category, shape):
    with pytest.raises(ValueError, match="got"):
        Subject(subject("resnet18").circuit, torch.zeros(shape), "layer4", category)


def test_what_cannot_be_asked_is_said_in_a_sentence():
    with pytest.raises(ValueError, match="Only a network that classifies"):
        subject_of(load("vgg16_hed", "untrained"), picture(), 7)
    with pytest.raises(ValueError, match="The layer is one of"):
        subject_of(network("resnet18"), picture(), 7, "layer9")
    with pytest.raises(ValueError, match="The method is one of"):
        explain("crystal_ball", subject("resnet18"))
