"""Published detectors by name: where their weights come from, how large they are, and how good they were said to be.

They are fetched and found as the classifiers are (`core.networks.store`); what they compute lies with the concepts that
show it. Accuracies are the publishers' AP on COCO val2017 (IoU 0.5:0.95). No library is loaded for this.
"""

from dataclasses import dataclass

from core.networks.record import Weights

_YOLOX = "https://github.com/Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0/"
_TORCHVISION = "https://download.pytorch.org/models/"
_COCO = "COCO train2017"


@dataclass(frozen=True, slots=True)
class DetectorRecord:
    """One published detector.

    Args:
        name: the word in links and commands.
        title: as its authors write it.
        weights: where they come from.
        input_px: side of the square that it is shown; 0 where it scales a photo of any size itself.
        ap: published average precision, percent.
        paper: who invented it, and where.
    """

    name: str
    title: str
    weights: Weights
    input_px: int
    ap: float
    paper: str

    @property
    def has_trained_weights(self) -> bool:
        """Someone publishes trained weights for it: for detectors always so."""
        return True


def _yolox(size: str, title: str, side: int, ap: float, size_bytes: int, sha256: str) -> DetectorRecord:
    """The release names no hashes: these are of its files as they have been published since 2021."""
    file = f"yolox_{size}.onnx"
    weights = Weights("url", _YOLOX + file, "Apache-2.0", size_bytes, file, sha256, _COCO)
    return DetectorRecord(
        f"yolox_{size}", title, weights, side, ap, "Ge et al. 2021, arXiv 2107.08430, YOLOX"
    )


def _torchvision(
    name: str, title: str, file: str, mebibytes: float, side: int, ap: float, paper: str
) -> DetectorRecord:
    """torchvision ends a file's name with the beginning of its hash."""
    digest = file.rpartition("-")[2].removesuffix(".pth")
    weights = Weights(
        "url",
        _TORCHVISION + file,
        "BSD-3-Clause (torchvision)",
        round(mebibytes * 2**20),
        file,
        digest,
        _COCO,
    )
    return DetectorRecord(name, title, weights, side, ap, paper)


_FASTER = "Ren et al. 2015, arXiv 1506.01497; Lin et al. 2017, arXiv 1612.03144"
DETECTORS: dict[str, DetectorRecord] = {
    each.name: each
    for each in (
        _yolox(
            "nano",
            "YOLOX-Nano",
            416,
            25.8,
            3_659_407,
            "c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d",
        ),
        _yolox(
            "tiny",
            "YOLOX-Tiny",
            416,
            32.8,
            20_219_662,
            "427cc366d34e27ff7a03e2899b5e3671425c262ea2291f88bb942bc1cc70b0f7",
        ),
        _yolox(
            "s",
            "YOLOX-S",
            640,
            40.5,
            35_858_002,
            "c5c2d13e59ae883e6af3b45daea64af4833a4951c92d116ec270d9ddbe998063",
        ),
        _torchvision(
            "ssdlite320_mobilenet_v3_large",
            "SSDLite (MobileNetV3-Large)",
            "ssdlite320_mobilenet_v3_large_coco-a79551df.pth",
            13.418,
            320,
            21.3,
            "Liu et al. 2016, arXiv 1512.02325; Sandler et al. 2018, arXiv 1801.04381",
        ),
        _torchvision(
            "fasterrcnn_mobilenet_v3_large_fpn",
            "Faster R-CNN (MobileNetV3-Large)",
            "fasterrcnn_mobilenet_v3_large_fpn-fb6a3cc7.pth",
            74.239,
            0,
            32.8,
            _FASTER,
        ),
        _torchvision(
            "fasterrcnn_resnet50_fpn",
            "Faster R-CNN (ResNet-50)",
            "fasterrcnn_resnet50_fpn_coco-258fb6c6.pth",
            159.743,
            0,
            37.0,
            _FASTER,
        ),
    )
}
