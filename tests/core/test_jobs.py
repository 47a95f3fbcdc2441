"""Long work on a cluster of the app's own: order, stopping, failing, and who waits for whom."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
import psutil
import pytest

from benchmarks.visitor import attend
from core.jobs import Engine, Job, Order, Tick, work
from core.jobs.cluster import layout, memory_limit
from core.jobs.declared import found, name_of
from core.jobs.engine import FULL, LOST
from core.jobs.trial import Counted, count

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """One cluster for all tests of this file: one worker, however many cores there are."""
    patch = pytest.MonkeyPatch()
    patch.setenv("CONVNET_EXPLORER_WORKERS", "1")
    patch.setenv("CONVNET_EXPLORER_WORKER_BYTES", str(1_200_000_000))
    patch.delenv("CONVNET_EXPLORER_SCHEDULER", raising=False)
    running = Engine(waiting_most=4, grace_s=1.0)
    yield running
    running.close()
    patch.undo()


def counting(total: int, seconds: float = 0.0) -> Order:
    return Order(name_of(count), {"total": total, "seconds": seconds})


def trial(name: str, **arguments: object) -> Order:
    return Order(f"core.jobs.trial:{name}", arguments)


def until(reached: Callable[[], object], seconds: float = 180) -> None:
    for _ in range(int(seconds * 100)):
        if reached():
            return
        time.sleep(0.01)
    assert reached()


def ended(job: Job) -> Job:
    until(lambda: not job.active)
    return job


def worker_pid(engine: Engine, owner: str = "pid") -> int:
    job = ended(engine.start(owner, "pid", trial("process")))
    engine.leave(owner)
    return job.results[0]


def test_results_come_in_order_and_ticks_are_replaced(engine: Engine) -> None:
    job = ended(engine.start("anna", "count", counting(12)))
    assert (job.state, job.error) == ("done", "")
    assert job.results == tuple(Counted(i + 1) for i in range(12))
    assert job.tick == Tick(12, 12, "number 12", photos=24, updates=12)
    assert job.seconds_left() == 0
    assert job.device.startswith(("cpu", "cuda", "mps"))
    assert engine.of("anna", "count") is job
    assert engine.of("bert", "count") is None


def test_large_arguments_travel(engine: Engine) -> None:
    job = ended(engine.start("anna", "size", trial("size", values=np.zeros(100_000_000, np.uint8))))
    assert job.results == (100_000_000,)


def test_no_step_is_taken_before_it_is_asked_for(engine: Engine) -> None:
    """What a work has done when it is stopped is what was handed out: nothing ran ahead."""
    job = engine.start("anna", "count", counting(10_000, 0.01))
    until(lambda: len(job.results) > 3)
    engine.stop("anna", "count")
    ended(job)
    *before, last = job.results
    assert job.state == "stopped"
    assert last.last
    assert [each.number for each in before] == list(range(1, len(before) + 1))
    assert last.number - before[-1].number in (0, 1)


def test_the_same_name_replaces_and_another_waits(engine: Engine) -> None:
    first = engine.start("anna", "count", counting(10_000, 0.01))
    until(lambda: first.results)
    beside = engine.start("anna", "beside", counting(1))
    time.sleep(0.3)
    assert beside.state == "waiting"  # one running job for each owner
    assert engine.place(beside) == 1
    second = engine.start("anna", "count", counting(2))
    assert ended(first).state == "stopped"
    assert ended(second).state == ended(beside).state == "done"
    assert engine.of("anna", "count") is second


def test_owners_take_turns(engine: Engine) -> None:
    """Who has queued three jobs does not keep the next visitor waiting for all of them."""
    engine.start("anna", "a0", counting(40, 0.01))
    until(lambda: engine.of("anna", "a0").state == "running")  # type: ignore[union-attr]
    mine = [engine.start("anna", f"a{i}", counting(2)) for i in (1, 2)]
    other = engine.start("bert", "b", counting(2))
    assert [engine.place(job) for job in (other, *mine)] == [1, 2, 3]
    ended(other)
    assert [job.state for job in mine] == ["waiting", "waiting"] or mine[0].results == ()
    assert [ended(job).state for job in mine] == ["done", "done"]


def test_a_full_queue_says_so(engine: Engine) -> None:
    engine.start("anna", "long", counting(10_000, 0.01))
    until(lambda: engine.of("anna", "long").state == "running")  # type: ignore[union-attr]
    for i in range(4):
        assert engine.start("anna", f"w{i}", counting(1)).state == "waiting"
    refused = engine.start("bert", "b", counting(1))
    assert (refused.state, refused.error) == ("failed", FULL.format(4))
    engine.leave("anna")
    until(lambda: not engine._running and not engine._queue)


def test_who_leaves_frees_the_worker(engine: Engine) -> None:
    job = engine.start("anna", "long", counting(10_000, 0.01))
    until(lambda: job.results)
    engine.leave("anna")
    assert engine.of("anna", "long") is None
    assert ended(engine.start("bert", "b", counting(1))).state == "done"
    assert job.state == "stopped"


def test_work_that_does_not_close_is_ended_with_its_process(engine: Engine) -> None:
    before = worker_pid(engine)
    job = engine.start("anna", "deaf", trial("deaf", seconds=60))
    until(lambda: job.tick)
    engine.stop("anna", "deaf")
    assert ended(job).state == "stopped"
    assert worker_pid(engine) != before
    until(lambda: not psutil.pid_exists(before))


def test_work_that_says_how_it_closes_gets_the_time(engine: Engine) -> None:
    job = engine.start("anna", "tidy", trial("tidy", steps=4, seconds=0.5))  # longer than the grace of 1 s
    until(lambda: job.tick)
    engine.stop("anna", "tidy")
    assert ended(job).state == "stopped"
    assert job.results == (Counted(4, last=True),)


def test_a_killed_worker_fails_its_job_and_the_next_runs(engine: Engine) -> None:
    pid = worker_pid(engine)
    job = engine.start("anna", "count", counting(10_000, 0.01))
    until(lambda: len(job.results) > 2)
    os.kill(pid, signal.SIGKILL)
    assert (ended(job).state, job.error) == ("failed", LOST)
    assert job.results[0] == Counted(1)  # what had come is kept
    assert ended(engine.start("bert", "b", counting(1))).state == "done"


def test_a_worker_out_of_memory_fails_its_job_and_the_next_runs(engine: Engine) -> None:
    job = engine.start("anna", "hoard", trial("hoard", step_bytes=60_000_000))
    assert (ended(job).state, job.error) == ("failed", LOST)
    assert ended(engine.start("bert", "b", counting(1))).state == "done"


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        (trial("refuse", sentence="A set has two classes, got 1."), "A set has two classes, got 1."),
        (trial("nothing"), "Long work is marked as such, got 'core.jobs.trial:nothing', which is not."),
        (Order("os:system", {}), "Long work is named core.module:function, got 'os:system'."),
    ],
    ids=["the work's own", "not marked", "not in core"],
)
def test_what_is_refused_says_why(engine: Engine, order: Order, sentence: str) -> None:
    job = ended(engine.start("anna", "x", order))
    assert (job.state, job.error) == ("failed", sentence)


def test_an_unexpected_error_shows_nothing_of_itself(engine: Engine) -> None:
    job = ended(engine.start("anna", "x", trial("break_down")))
    assert job.state == "failed"
    assert "KeyError" in job.error
    assert "visitor" not in job.error


def test_work_that_cannot_begin_frees_its_worker(engine: Engine) -> None:
    job = ended(engine.start("anna", "x", trial("count")))  # an argument is missing
    assert job.state == "failed"
    assert "TypeError" in job.error
    assert ended(engine.start("bert", "b", counting(1))).state == "done"


def test_a_lost_cluster_is_started_again(engine: Engine) -> None:
    job = engine.start("anna", "count", counting(10_000, 0.01))
    until(lambda: job.results)
    assert engine._link._child is not None
    engine._link._child.kill()
    assert ended(job).state == "failed"
    assert ended(engine.start("bert", "b", counting(1))).state == "done"


def test_who_starts_anew_need_not_wait_for_the_old_one_to_close(engine: Engine) -> None:
    old = engine.start("anna", "x", trial("deaf", seconds=60))
    until(lambda: old.tick)
    assert ended(engine.start("anna", "x", counting(1))).state == "done"
    assert old.state == "stopped"


@pytest.mark.parametrize(
    "name", ["core.jobs.trial", "core.jobs.trial:", "core.:count", "core.jobs.trial:count()", "pages.x:y", ""]
)
def test_only_names_of_work_are_found(name: str) -> None:
    with pytest.raises(ValueError, match="Long work is named"):
        found(name)


def test_only_generators_are_work() -> None:
    with pytest.raises(ValueError, match="generator function"):
        work(lambda: iter(()))  # type: ignore[arg-type]
    assert found(name_of(count)) is count


@pytest.mark.parametrize("cores", [1, 2, 3, 4, 8, 16, 64])
def test_a_core_is_left_to_the_server(cores: int) -> None:
    workers, threads = layout(cores)
    assert workers >= 1
    assert threads >= 1
    assert workers * threads <= max(1, cores - 1)
    assert memory_limit(64 * 2**30, workers) * workers <= 0.61 * 64 * 2**30 or workers > 16


def test_a_tick_is_checked() -> None:
    with pytest.raises(ValueError, match="got 3 of 2"):
        Tick(3, 2)


def test_nobody_reaches_the_workers_without_the_key(engine: Engine) -> None:
    """Whoever reaches a scheduler can have anything executed."""
    from distributed.comm import connect
    from distributed.security import Security

    address = engine._link.client().scheduler.address
    assert address.startswith("tls://127.0.0.1:")
    stranger = Security.temporary().get_connection_args("client")
    for where, keys in ((address, stranger), (address.replace("tls://", "tcp://"), {})):
        with pytest.raises(OSError):  # however the connection breaks, it does
            attend(connect(where, timeout=2, **keys))
    assert ended(engine.start("anna", "x", counting(1))).state == "done"


def test_nothing_survives_a_killed_server() -> None:
    script = (
        "import sys, time; from core.jobs import Engine, Order\n"
        "order = Order('core.jobs.trial:count', {'total': 9**9, 'seconds': 0.01})\n"
        "engine = Engine(''); job = engine.start('a', 'x', order)\n"
        "while not job.results: time.sleep(0.01)\n"
        "print('runs', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "runs\n"
        family = psutil.Process(server.pid).children(recursive=True)
        assert len(family) >= 2  # the cluster and a worker
        server.kill()
    _, alive = psutil.wait_procs(family, timeout=20)
    assert not alive


def test_importing_it_loads_neither_dask_nor_torch() -> None:
    script = "import sys, core.jobs, pages.shared.jobs; print({'distributed', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
