"""Files of weights on the server: only where a page asks for them, few at once, private, and gone with the session."""

import asyncio
import time
from collections.abc import Iterator
from uuid import uuid4

import psutil
import pytest
from safetensors.torch import save

from benchmarks.server import Server, serve
from benchmarks.visitor import Visitor, attend, put, visit
from core import networks
from pages.shared.allowance import LARGE_AT_ONCE, PICTURE_MIB, WEIGHTS_MIB
from tests.security.test_memory import GNU

OWN = "network=your%20own&feat_own_classes=1000&feat_own_architecture="
WEIGHTS_MB = 60


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The app as it ships."""
    with serve() as server:
        yield server


async def send(visitor: Visitor, megabytes: float) -> int:
    data = bytes(int(megabytes * 1e6))
    return await asyncio.to_thread(put, visitor.port, visitor.session, uuid4().hex, "a.pt", data)


def test_only_a_page_with_the_box_takes_a_file_larger_than_a_picture(server: Server) -> None:
    async def try_both() -> None:
        async with visit(server.port, "features") as visitor:
            assert await send(visitor, WEIGHTS_MB) == 413
            assert await send(visitor, 45) == 204
        async with visit(server.port, "features", f"{OWN}resnet18") as visitor:
            assert await send(visitor, WEIGHTS_MIB * 1.05 + 1) == 413
            assert await send(visitor, WEIGHTS_MB) == 204
            assert await send(visitor, WEIGHTS_MB) == 413  # one at a time
            assert await send(visitor, 45) == 204  # pictures are counted apart

    attend(try_both())


def test_few_such_files_lie_on_the_server_at_once(server: Server) -> None:
    async def crowd() -> None:
        query = f"{OWN}resnet18"
        async with (
            visit(server.port, "features", query) as first,
            visit(server.port, "features", query) as second,
            visit(server.port, "features", query) as third,
        ):
            answers = await asyncio.gather(*(send(each, WEIGHTS_MB) for each in (first, second, third)))
            assert sorted(answers) == [204] * LARGE_AT_ONCE + [413]

    assert LARGE_AT_ONCE == 2
    attend(crowd())
    time.sleep(1)
    attend(crowd())  # who has left no longer counts


def test_the_picture_box_still_refuses_what_is_larger_than_a_picture(server: Server) -> None:
    async def bring_it() -> list[str]:
        async with visit(server.port, "features", f"{OWN}resnet18") as visitor:
            boxes = [each for each in visitor.widgets if each.element.WhichOneof("type") == "file_uploader"]
            pictures, weights = (each.element.file_uploader.max_upload_size_mb for each in boxes)
            assert (pictures, weights) == (PICTURE_MIB, WEIGHTS_MIB)
            visitor.widgets.remove(boxes[1])
            await visitor.upload("big.png", bytes(60_000_000))
            return list(visitor.errors)

    (said,) = attend(bring_it())
    assert "up to 50 MB" in said


@GNU
@pytest.mark.slow
def test_it_is_private_and_its_memory_comes_back(server: Server) -> None:
    tensors = networks.load("wide_resnet50_2", "untrained").state_dict()
    data = save({name: tensor.contiguous() for name, tensor in tensors.items()})
    assert len(data) > WEIGHTS_MIB << 20  # 276 MB: too large; half of it goes
    data = save({name: t.half().contiguous() if t.is_floating_point() else t for name, t in tensors.items()})
    process = psutil.Process(server.pid)

    async def two() -> float:
        query = f"{OWN}wide_resnet50_2"
        async with visit(server.port, "features", query) as neighbour:
            before = process.memory_info().rss / 1e6
            async with visit(server.port, "features", query) as visitor:
                visitor.answers = []
                await visitor.upload("mine.safetensors", data)
                assert visitor.errors == []
                assert b"Wide ResNet-50 2, your own" in b"".join(visitor.answers)
                neighbour.answers = []
                await neighbour.run()
                assert b"your own" in b"".join(neighbour.answers)  # the list
                assert b"Wide ResNet-50 2, your own" not in b"".join(neighbour.answers)
            await asyncio.sleep(3)
            return process.memory_info().rss / 1e6 - before

    attend(two())  # PyTorch, the first network's traces and pictures come to stay
    attend(two())
    assert attend(two()) < 100
