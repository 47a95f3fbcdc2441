"""What convolution layers cost, how their channels are wired, and the classic comparisons."""

from core.convolution.cost.arrangement import (
    SEPARABLE,
    Arrangement,
    arrange,
    arrangement_label,
    arrangements,
    group_choices,
    ratio_formula,
    separable,
    separable_ratio,
)
from core.convolution.cost.channels import ChannelWiring, channel_wiring
from core.convolution.cost.comparison import Comparison, Side, comparisons, stack_comparison, vgg_first_dense
from core.convolution.cost.conv_layer import ConvLayer, fully_connected
from core.convolution.cost.count import OPTIMISERS, LayerCost, layer_cost
from core.convolution.cost.dense import DenseProof, dense_proof
from core.convolution.cost.sweep import CANDIDATES, Sweep, sweep

__all__ = [
    "CANDIDATES",
    "OPTIMISERS",
    "SEPARABLE",
    "Arrangement",
    "ChannelWiring",
    "Comparison",
    "ConvLayer",
    "DenseProof",
    "LayerCost",
    "Side",
    "Sweep",
    "arrange",
    "arrangement_label",
    "arrangements",
    "channel_wiring",
    "comparisons",
    "dense_proof",
    "fully_connected",
    "group_choices",
    "layer_cost",
    "ratio_formula",
    "separable",
    "separable_ratio",
    "stack_comparison",
    "sweep",
    "vgg_first_dense",
]
