"""Many at once: nobody gets another's numbers (M1, M2), the server answers everybody (M3), and none hoards (M6)."""

import asyncio
import http.client
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import numpy as np
import pytest
import torch

from benchmarks.server import Server, serve
from benchmarks.visitor import attend, put, visit
from core import bundled
from core.convolution.learn import bowl, learn
from core.networks import shelf
from core.receptive_field import effective_field, network, network_fields, path_histogram, replay, square_crop
from pages.shared.allowance import WAITING_BYTES, WAITING_FILES
from pages.shared.session import ALBUM_LIMIT
from tests.core.picture_files import encoded

NETWORKS = ("alexnet", "vgg16", "resnet18", "resnet50", "googlenet", "mobilenet_v2")
TRAINED = "tf_efficientnet_lite0"
SESSIONS = 30
SIZES = 3
SLOWEST_HEALTH_S = 1.0
SLOWEST_SLIDER_S = (
    2.5  # promised is 1 s, kept on a quiet machine (0.4 to 1.2 s); here other tests run beside it.
)
# Without the gate and the turns it was 4 to 20 s. The limit is for a machine where a slider moved alone answers in
ALONE_S = 0.06
SLIDERS = 4


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The app as it ships."""
    with serve() as server:
        yield server


def forgetful() -> None:
    """Empty what all sessions share, so that it is computed under everybody's hands."""
    for shared in (network.recording, network._fields, replay._tensors):
        shared.cache_clear()
    shelf.clear()


def tables(number: int) -> object:
    name = NETWORKS[number % len(NETWORKS)]
    side = 128 + 32 * (number % 3)
    return network_fields(name, side), path_histogram(name, input_size=side)


def gradient(number: int) -> object:
    pixels = square_crop(bundled.bundled(bundled.NAMES[number % 3]).pixels, 64)
    if number % 4 == 3:
        found = effective_field(TRAINED, "bn2.act", (1, 1), pixels, weights="packaged")
    else:
        found = effective_field("resnet18", "layer2.0.add", (3, 4), pixels, seed=number % 4)
    return found.value, found.share.tobytes()


def learned(number: int) -> object:
    plane = bundled.bundled("Cat").pixels[:80, :100, 0].astype(float)
    *_, last = learn(bowl(plane, plane[1:-1, 1:-1], (3, 3)), seed=number % 5)
    return last.iteration, last.kernel.tobytes()


@pytest.fixture
def one_torch_thread() -> Iterator[None]:
    """As in the server; another number of threads adds up in another order, to other last digits."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_torch_thread")
@pytest.mark.parametrize("work", [tables, gradient, learned], ids=lambda work: work.__name__)
def test_eight_threads_get_what_each_gets_alone(work: Callable[[int], object]) -> None:
    jobs = [*range(12)] * 4
    alone = {number: work(number) for number in range(12)}
    assert len({repr(result) for result in alone.values()}) >= 5  # the jobs differ
    forgetful()
    with ThreadPoolExecutor(8) as sessions:
        together = list(sessions.map(work, jobs))
    assert [number for number, result in zip(jobs, together, strict=True) if result != alone[number]] == []


def health_s(port: int) -> float:
    """How long the server takes to say that it is well."""
    start = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/_stcore/health", headers={"Host": f"localhost:{port}"})
    assert connection.getresponse().status == 200
    connection.close()
    return time.monotonic() - start


@pytest.mark.slow
def test_the_server_answers_while_a_class_opens_the_heaviest_page(server: Server) -> None:
    waits, errors = attend(a_class_traces(server.port))
    assert errors == []
    assert len(waits) >= 10
    assert np.quantile(waits, 0.95) < SLOWEST_HEALTH_S  # one answer in twenty may meet a busy machine


async def a_class_traces(port: int) -> tuple[list[float], list[str]]:
    """Thirty open Real networks at once, in sizes that nobody traced before, while PyTorch is still being loaded.

    Returns the seconds that the health endpoint took, and what went wrong on the pages.
    """

    async def student(number: int) -> list[str]:
        query = f"rf_view=Real%20networks&network=resnet50&rf_net_side={64 + 32 * (number % SIZES)}"
        async with visit(port, "receptive_field", query) as visitor:
            return list(visitor.errors)

    waits = []
    students = [asyncio.create_task(student(number)) for number in range(SESSIONS)]
    while not all(student.done() for student in students):
        waits.append(await asyncio.to_thread(health_s, port))
        await asyncio.sleep(0.05)
    return waits, [error for student in students for error in await student]


@pytest.mark.slow
def test_a_slider_answers_while_a_class_traces_networks(server: Server) -> None:
    alone, waits, errors = attend(sliders_beside_a_class(server.port))
    assert errors == []
    assert len(waits) >= 30
    slowness = max(1.0, float(np.median(alone)) / ALONE_S)  # of this machine, with what else it does now
    assert np.quantile(waits, 0.95) < SLOWEST_SLIDER_S * slowness


async def sliders_beside_a_class(port: int) -> tuple[list[float], list[float], list[str]]:
    """Seconds that some visitors wait for their sliders, alone and while thirty others let new networks be traced."""
    ready, over, waits = asyncio.Semaphore(0), asyncio.Event(), []

    async def mover(number: int) -> None:
        async with visit(port, "convolution") as visitor:
            options = list(visitor.widget("conv_stride").element.slider.options)
            await asyncio.sleep(1)
            ready.release()
            turn = number
            while not over.is_set():
                turn += 1
                waits.append(await visitor.choose("conv_stride", options[turn % len(options)]) / 1000)
                await asyncio.sleep(0.3)

    async def student(number: int) -> list[str]:
        query = f"rf_view=Real%20networks&network=resnet50&rf_net_side={192 + 32 * (number % 10)}"
        async with visit(port, "receptive_field", query) as visitor:
            return list(visitor.errors)

    await student(0)  # PyTorch is loaded once per server, in its first minute
    movers = [asyncio.create_task(mover(number)) for number in range(SLIDERS)]
    for _ in movers:
        await ready.acquire()
    await asyncio.sleep(3)
    alone = waits.copy()
    waits.clear()
    found = await asyncio.gather(*map(student, range(SESSIONS)))
    over.set()
    await asyncio.gather(*movers)
    return alone, waits, [error for errors in found for error in errors]


def test_what_one_visitor_leaves_waiting_is_capped_by_bytes(server: Server) -> None:
    """Files that are sent and never taken in: Streamlit alone would keep any number of them."""
    attend(hoard(server.port, 45_000_000, WAITING_BYTES // 45_000_000))


def test_what_one_visitor_leaves_waiting_is_capped_by_number(server: Server) -> None:
    attend(hoard(server.port, 1, WAITING_FILES))


async def hoard(port: int, size: int, accepted: int) -> None:
    """So many files of a size are accepted, the next is refused, and another visitor is not touched by it."""
    data = bytes(size)
    async with visit(port) as visitor, visit(port) as neighbour:
        for _ in range(accepted):
            assert put(port, visitor.session, uuid4().hex, "a.png", data) == 204
        for _ in range(2):
            assert put(port, visitor.session, uuid4().hex, "a.png", data) == 413
        assert put(port, neighbour.session, uuid4().hex, "a.png", data) == 204
        await neighbour.upload("seen.png", encoded(np.zeros((4, 4, 3), np.uint8), "PNG"))
        assert neighbour.errors == []


def test_one_file_over_the_limit_is_refused_by_the_server(server: Server) -> None:
    async def send(size: int) -> int:
        async with visit(server.port) as visitor:
            return await asyncio.to_thread(
                put, server.port, visitor.session, uuid4().hex, "a.png", bytes(size)
            )

    assert attend(send(49_000_000)) == 204
    assert attend(send(53_000_000)) == 413


def test_files_that_come_at_once_count_while_they_come(server: Server) -> None:
    async def storm() -> list[int]:
        async with visit(server.port) as visitor:
            sent = (
                asyncio.to_thread(put, server.port, visitor.session, uuid4().hex, "a.png", bytes(45_000_000))
                for _ in range(8)
            )
            return sorted(await asyncio.gather(*sent))

    answers = attend(storm())
    most = WAITING_BYTES // 45_000_000
    assert answers.count(204) <= most
    assert answers.count(413) >= 8 - most


def test_a_file_that_was_taken_in_no_longer_counts(server: Server) -> None:
    async def bring_many(number: int) -> list[str]:
        async with visit(server.port) as visitor:
            for each in range(number):
                await visitor.upload(f"{each}.bmp", picture)
                assert visitor.errors == []
            options = visitor.widget("-photo").element.selectbox.options
            return [name for name in options if name not in bundled.NAMES]

    picture = encoded(np.zeros((8, 8, 3), np.uint8), "BMP") + bytes(40_000_000)
    brought = ALBUM_LIMIT + 1
    assert brought * len(picture) > WAITING_BYTES
    assert attend(bring_many(brought)) == [f"{each}.bmp" for each in range(1, brought)]
