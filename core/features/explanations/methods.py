"""The nine methods by name: what each asks, who invented it, whether it takes long; and how to run one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from core.features.explanations import cam, gradients
from core.features.explanations.explanation import Explanation
from core.features.explanations.gradients import integrated_gradients_steps
from core.features.explanations.occlusion import occlusion_steps
from core.features.explanations.score_cam import score_cam_steps
from core.features.explanations.subject import Captured, Subject, capture

Kind = Literal["cam", "pixels", "masks"]


@dataclass(frozen=True, slots=True)
class Method:
    """One method.

    Args:
        name: the word in links.
        title: as its authors write it.
        idea: in a sentence.
        formula: of the map L, in LaTeX; z_c is the category's output before the softmax, A_k a layer's maps.
        paper: who invented it.
        kind: "cam" weighs a layer's maps, "pixels" goes back to the pixels, "masks" covers parts of the picture.
        slow: takes many passes through the network.
        warning: what its picture must not be taken for, or "".
    """

    name: str
    title: str
    idea: str
    formula: str
    paper: str
    kind: Kind
    slow: bool = False
    warning: str = ""


_EDGES = "Fails the sanity check: it shows edges of the picture, with hardly a trace of what was learned."
_NO_CLASS = "Asks for no category: the picture is the same for every class."

METHODS: Mapping[str, Method] = {
    each.name: each
    for each in (
        Method(
            "grad_cam",
            "Grad-CAM",
            "Each map weighs as much as the output rises when all of it rises.",
            r"L = \mathrm{ReLU} \sum_k \alpha_k A_k,\;"
            r" \alpha_k = \tfrac{1}{Z} \sum_{y,x} \tfrac{\partial z_c}{\partial A_{k,y,x}}",
            "Selvaraju et al. 2017, arXiv 1610.02391",
            "cam",
        ),
        Method(
            "grad_cam_pp",
            "Grad-CAM++",
            "Only rising slopes count, and places where the slope is steep count more.",
            r"L = \mathrm{ReLU} \sum_k w_k A_k,\; "
            r"w_k = \sum_{y,x} \tfrac{g^2}{2 g^2 + g^3 \sum A_k} \mathrm{ReLU}(g),\;"
            r" g = \tfrac{\partial z_c}{\partial A_{k,y,x}}",
            "Chattopadhyay et al. 2018, arXiv 1710.11063",
            "cam",
        ),
        Method(
            "layer_cam",
            "Layer-CAM",
            "Every place of every map has its own weight: its slope, if it rises.",
            r"L_{y,x} = \mathrm{ReLU} \sum_k"
            r" \mathrm{ReLU}\!\left(\tfrac{\partial z_c}{\partial A_{k,y,x}}\right) A_{k,y,x}",
            "Jiang et al. 2021, IEEE TIP 30",
            "cam",
        ),
        Method(
            "eigen_cam",
            "Eigen-CAM",
            "The direction in which the maps vary most, whatever the class.",
            r"L_{y,x} = \mathrm{ReLU}\big((A_{y,x} - \bar A) \cdot v_1\big),\; A - \bar A = U \Sigma V^\top",
            "Muhammad and Yeasin 2020, arXiv 2008.00299",
            "cam",
            warning=_NO_CLASS,
        ),
        Method(
            "score_cam",
            "Score-CAM",
            "Show only what a map lights up, and weigh the map by what the network says then.",
            r"L = \mathrm{ReLU} \sum_k w_k A_k,\; w = \mathrm{softmax}_k\, z_c(x \circ H_k)",
            "Wang et al. 2020, arXiv 1910.01279",
            "masks",
            slow=True,
        ),
        Method(
            "occlusion",
            "Occlusion",
            "Cover a window with grey and see how far the output falls.",
            r"L_{y,x} = \mathrm{mean}_{W \ni (y,x)} \big(z_c(x) - z_c(x \text{ with } W \text{ grey})\big)",
            "Zeiler and Fergus 2014, arXiv 1311.2901",
            "masks",
            slow=True,
        ),
        Method(
            "saliency",
            "Saliency",
            "How far the output moves when a pixel changes a little.",
            r"L_{y,x} = \max_{\text{colours}} \left| \tfrac{\partial z_c}{\partial x} \right|",
            "Simonyan et al. 2014, arXiv 1312.6034",
            "pixels",
        ),
        Method(
            "integrated_gradients",
            "Integrated gradients",
            "The slopes added up on the way from a grey picture to this one.",
            r"L = \sum_{\text{colours}} (x - x') \int_0^1"
            r" \tfrac{\partial z_c}{\partial x}\big(x' + t (x - x')\big)\, dt",
            "Sundararajan et al. 2017, arXiv 1703.01365",
            "pixels",
            slow=True,
        ),
        Method(
            "guided_backprop",
            "Guided backprop",
            "As saliency, but no ReLU lets a negative slope back.",
            r"L = \max_{\text{colours}} |R|,\; R \leftarrow \mathbb{1}[a > 0]\, \mathrm{ReLU}(R) \text{ at each ReLU}",
            "Springenberg et al. 2015, arXiv 1412.6806",
            "pixels",
            warning=_EDGES,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Effort:
    """How much work the slow methods may do.

    Args:
        channels: that Score-CAM asks, strongest first.
        steps: of integrated gradients.
        window, stride: of occlusion, in pixels.
    """

    channels: int = 64
    steps: int = 24
    window: int = 56
    stride: int = 28

    def __post_init__(self) -> None:
        if min(self.channels, self.steps) < 1:
            raise ValueError(f"Channels and steps are 1 or more, got {self.channels} and {self.steps}.")


LEAST = Effort(channels=16, steps=8, window=56, stride=56)
"""For the sanity check, which runs every method many times."""

_CAMS: Mapping[str, Callable[[Captured], Explanation]] = {
    "grad_cam": cam.grad_cam_of,
    "grad_cam_pp": cam.grad_cam_plus_plus_of,
    "layer_cam": cam.layer_cam_of,
    "eigen_cam": cam.eigen_cam_of,
}


def explain(name: str, subject: Subject, effort: Effort = Effort()) -> Explanation:
    """The explanation of a method.

    Raises: ValueError for an unknown method, or guided backpropagation of a network without ReLU.
    """
    *_, (_, found) = explain_steps(name, subject, effort)
    if found is None:
        raise RuntimeError("The last step of a method carries its map.")
    return found


def explain_steps(name: str, subject: Subject, effort: Effort) -> Iterator[tuple[float, Explanation | None]]:
    """As `explain`, step by step: the share of the work that is done, and at the end the explanation."""
    match name:
        case "score_cam":
            yield from score_cam_steps(subject, effort.channels)
        case "occlusion":
            yield from occlusion_steps(subject, effort.window, effort.stride)
        case "integrated_gradients":
            yield from integrated_gradients_steps(subject, effort.steps)
        case "saliency":
            yield 1.0, gradients.saliency(subject)
        case "guided_backprop":
            yield 1.0, gradients.guided_backprop(subject)
        case _ if name in _CAMS:
            yield 1.0, _CAMS[name](capture(subject))
        case _:
            raise ValueError(f"The method is one of {', '.join(METHODS)}, got {name!r}.")


def usable(subject: Subject) -> tuple[str, ...]:
    """The methods that mean something for this network: maps need places, guided backpropagation a ReLU."""
    without = set() if subject.layer else {*_CAMS, "score_cam"}
    if not gradients.has_relu(subject):
        without.add("guided_backprop")
    return tuple(name for name in METHODS if name not in without)
