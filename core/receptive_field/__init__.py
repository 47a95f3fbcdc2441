"""How much of the picture a unit sees: plain stacks, real networks, and the same measured on your photo.

Importing it loads no PyTorch; the functions that run a network import it when they are called.
"""

from core.receptive_field.boxes import Box, padding_share, unit_box
from core.receptive_field.catalogue import NETWORKS
from core.receptive_field.effective import EffectiveField, Poke, effective_field, poke, square_crop
from core.receptive_field.goals import Answer, Proposal, propose
from core.receptive_field.gridding import Coverage, coverage
from core.receptive_field.layer import StackLayer
from core.receptive_field.network import LayerField, NetworkTotals, network_fields, network_totals
from core.receptive_field.notation import PRESETS, stack_from_text, stack_to_text
from core.receptive_field.paths import path_histogram
from core.receptive_field.productivity import LayerUse, layer_uses
from core.receptive_field.stack import LAYERS_MOST, Row, trace_stack

__all__ = [
    "LAYERS_MOST",
    "NETWORKS",
    "PRESETS",
    "Answer",
    "Box",
    "Coverage",
    "EffectiveField",
    "LayerField",
    "LayerUse",
    "NetworkTotals",
    "Poke",
    "Proposal",
    "Row",
    "StackLayer",
    "coverage",
    "effective_field",
    "layer_uses",
    "network_fields",
    "network_totals",
    "padding_share",
    "path_histogram",
    "poke",
    "propose",
    "square_crop",
    "stack_from_text",
    "stack_to_text",
    "trace_stack",
    "unit_box",
]
