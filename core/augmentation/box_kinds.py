"""Three boxes for one object after a rotation, and how much of the right one each loses."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from core.augmentation.chain import Draw
from core.augmentation.geometry import stages
from core.augmentation.outlines import Box, bounds, ellipse, iou, mask_bounds, rectangle
from core.augmentation.targets import follow_mask, moved_outline
from core.formula import Formula


@dataclass(frozen=True, slots=True)
class BoxKinds:
    """The same object boxed in three ways after a draw; None where nothing of it is left.

    Args:
        corners: around the moved corners of the box: the object is inside for sure, with air around it.
        ellipse: around the moved ellipse inside the box: tighter, and right for round objects.
        mask: around the moved pixels of the object's mask: what an annotator would draw. Without a mask, None.
    """

    corners: Box | None
    ellipse: Box | None
    mask: Box | None

    @property
    def iou_corners(self) -> float:
        """IoU of the corners' box with the mask's."""
        return iou(self.corners, self.mask)

    @property
    def iou_ellipse(self) -> float:
        """IoU of the ellipse's box with the mask's."""
        return iou(self.ellipse, self.mask)

    @property
    def lost(self) -> tuple[Formula, ...]:
        """1 - IoU with the mask's box, for the corners and for the ellipse; none where there is no mask's box."""
        if self.mask is None:
            return ()
        pairs = (("corners", self.iou_corners), ("ellipse", self.iou_ellipse))
        return tuple(
            Formula(
                f"IoU lost by the box around the {name}",
                rf"1 - \mathrm{{IoU}}(B_\text{{{name}}}, B_\text{{mask}})",
                rf"1 - {value:.4f}",
                1 - value,
            )
            for name, value in pairs
        )


def box_kinds(draw: Draw, box: Box, mask: UInt8[np.ndarray, "height width"] | None = None) -> BoxKinds:
    """The three boxes of one object after a draw.

    Args:
        draw: for the photo that box and mask are marked on.
        box: left, top, right, bottom in its pixels.
        mask: of this object alone: not 0 where it is; of the photo's size.

    Raises: ValueError for a mask of another size.
    """
    way, hw = stages(draw), draw.input_hw
    corners, inside = (bounds(moved_outline(way, shape, hw)[0]) for shape in (rectangle(box), ellipse(box)))
    return BoxKinds(corners, inside, None if mask is None else mask_bounds(follow_mask(draw, mask)))
