"""Which input channel feeds which filter: the wiring between the channels of grouped and separable layers.

Every wire is one kh x kw kernel, so wires times kernel size gives the weights. Grouped convolution:
Krizhevsky et al. 2012; depthwise separable convolution: Howard et al. 2017 (MobileNet), Chollet 2017 (Xception).
"""

from dataclasses import dataclass
from math import prod

import numpy as np
from jaxtyping import Int

from core.convolution.cost.conv_layer import ConvLayer, Pair


@dataclass(frozen=True, slots=True)
class ChannelWiring:
    """The wires from the channels of one map to the filters that read them.

    Args:
        name: what the layer is called.
        channels, filters: how many there are on either side.
        groups: blocks of channels that are kept apart; group j joins the j-th block on both sides.
        kernel: height and width of the kernel on every wire.
    """

    name: str
    channels: int
    filters: int
    groups: int
    kernel: Pair

    @property
    def channels_per_group(self) -> int:
        return self.channels // self.groups

    @property
    def filters_per_group(self) -> int:
        return self.filters // self.groups

    @property
    def wires(self) -> int:
        """How many wires there are: N * C / g."""
        return self.filters * self.channels_per_group

    @property
    def weights(self) -> int:
        """Weights on all wires: one kernel each."""
        return self.wires * prod(self.kernel)

    def sources(self, filter_index: int) -> range:
        """The input channels that one filter reads."""
        first = filter_index // self.filters_per_group * self.channels_per_group
        return range(first, first + self.channels_per_group)

    def edges(self) -> Int[np.ndarray, "wires 2"]:
        """Every wire as (channel, filter), filter by filter."""
        filters = np.repeat(np.arange(self.filters), self.channels_per_group)
        firsts = filters // self.filters_per_group * self.channels_per_group
        channels = firsts + np.tile(np.arange(self.channels_per_group), self.filters)
        return np.stack([channels, filters], axis=1)  # [wires, 2]


def channel_wiring(*layers: ConvLayer) -> tuple[ChannelWiring, ...]:
    """The wiring of each layer, in the order in which they follow one another."""
    return tuple(
        ChannelWiring(layer.name, layer.in_channels, layer.filters, layer.groups, layer.kernel)
        for layer in layers
    )
