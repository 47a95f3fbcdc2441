"""The one door for pictures: bytes in, an upright RGB photo out, or one sentence why not.

A convolution reads an array of numbers; every picture format hides that array behind its own header, compression,
colour model and orientation flag. The rooms of this package undo them one after the other: `containers` and `tiff`
look into the file, `colour` makes RGB, `door` holds the limits, `record` is what comes out.
"""

from core.photo.door import WORKING_PX, open_photo
from core.photo.record import Photo, PhotoError

__all__ = ["WORKING_PX", "Photo", "PhotoError", "open_photo"]
