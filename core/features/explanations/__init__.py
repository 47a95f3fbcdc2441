"""Why this class: which places of the picture speak for a category, by nine methods, and whether to believe them.

    subject = subject_in(scene.circuit, scene.tensor, category)      # or subject_of(network, tensor, category, layer)
    found = explain("grad_cam", subject)                             # names: METHODS, those that fit: usable(subject)
    heat = found.heat(subject.hw)                                    # 0 to 1 on exactly the pixels the network saw
    both = deletion_insertion(subject, order_of(found, subject.hw))  # .deletion.area, .insertion.area
    check = sanity_check(subject, ("grad_cam", "guided_backprop"))   # .of(name), .kept(name)

What takes long has a twin `..._steps`: an iterator of (share of the work that is done, what is there so far or None);
whoever stops asking has stopped it. Importing this loads no PyTorch; the functions that run a network import it when
they are called. None of them touches the network: they evaluate its circuit, so one network serves all threads.
"""

from core.features.explanations.agreement import Likeness, likeness, rank_correlation, structural_similarity
from core.features.explanations.explanation import Explanation, enlarged
from core.features.explanations.faithfulness import (
    CHANCE,
    Curve,
    Faithfulness,
    area_formula,
    chance_order,
    curve,
    curve_steps,
    deletion_insertion,
    deletion_insertion_steps,
    order_of,
)
from core.features.explanations.formulas import formulas_of
from core.features.explanations.methods import LEAST, METHODS, Effort, Method, explain, explain_steps, usable
from core.features.explanations.sanity import (
    Sanity,
    Stage,
    Trial,
    randomised,
    sanity_check,
    sanity_check_steps,
    stages,
)
from core.features.explanations.subject import Subject, layers_to_explain, subject_in, subject_of

__all__ = [
    "CHANCE",
    "LEAST",
    "METHODS",
    "Curve",
    "Effort",
    "Explanation",
    "Faithfulness",
    "Likeness",
    "Method",
    "Sanity",
    "Stage",
    "Subject",
    "Trial",
    "area_formula",
    "chance_order",
    "curve",
    "curve_steps",
    "deletion_insertion",
    "deletion_insertion_steps",
    "enlarged",
    "explain",
    "explain_steps",
    "formulas_of",
    "layers_to_explain",
    "likeness",
    "order_of",
    "randomised",
    "rank_correlation",
    "sanity_check",
    "sanity_check_steps",
    "stages",
    "structural_similarity",
    "subject_in",
    "subject_of",
    "usable",
]
