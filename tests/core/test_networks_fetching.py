"""Weights fetched for a visitor: progress, one at a time, stopped without a trace, a sentence where it fails."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.child_process import started
from core.networks import fetching, record, store
from core.networks.fetching import Fetcher, FetchOrder

NAME = "squeezenet1_1"
DATA = bytes(range(256)) * 400


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache; a publisher who sends DATA; no way to the real one."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("STAND_IN_FILE", str(tmp_path / "published"))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    (tmp_path / "published").write_bytes(DATA)
    return store.cache_folder()


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "started", lambda _: started("tests.core.fetching_stand_in"))


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    one = Fetcher()
    yield one
    for owner in list(one._runs):
        one.leave(owner)


def until(true: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


def files(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.glob("*"))


@pytest.mark.usefixtures("stand_in")
def test_what_was_fetched_is_there_whole_after_every_percent(cache: Path, fetcher: Fetcher) -> None:
    run = fetcher.start("me", FetchOrder(NAME))
    until(lambda: not fetcher.of("me").active)
    assert (run.state, run.error, run.done) == ("done", "", 100)
    assert store.find(NAME).read_bytes() == DATA
    assert files(cache) == [record(NAME).weights.file_name]


@pytest.mark.usefixtures("stand_in")
def test_who_waited_for_the_same_network_finds_it(
    cache: Path, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAND_IN_PAUSE_S", "0.02")
    first, second = (fetcher.start(owner, FetchOrder(NAME)) for owner in ("first", "second"))
    assert (second.state, fetcher.place("second")) == ("waiting", 1)
    until(lambda: fetcher.of("first").done > 10)
    assert 0 < first.seconds_left() < 60
    until(
        lambda: not any(run.active for run in list(map(fetcher.of, ("first", "second"))))
    )  # both are looked at
    assert (first.state, second.state) == ("done", "done")
    assert files(cache) == [record(NAME).weights.file_name]


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize("end", ["stop", "leave"])
def test_a_download_that_is_stopped_leaves_nothing(
    cache: Path, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setenv("STAND_IN_PAUSE_S", "0.2")
    run = fetcher.start("me", FetchOrder(NAME))
    until(lambda: run.done > 0)
    fetcher.of("me")
    assert [name for name in files(cache) if name.endswith(".partial")]
    getattr(fetcher, end)("me")
    assert run.state == "stopped"
    until(lambda: not files(cache))


def test_without_a_network_it_fails_with_one_sentence(cache: Path, fetcher: Fetcher) -> None:
    run = fetcher.start("me", FetchOrder(NAME))
    until(lambda: not fetcher.of("me").active)
    assert run.state == "failed"
    assert run.error.startswith(f"Could not fetch {record(NAME).title}")
    assert record(NAME).weights.source in run.error
    assert not files(cache)


def test_another_processs_partial_file_is_left_alone(cache: Path) -> None:
    cache.mkdir(parents=True)
    name = record(NAME).weights.file_name
    mine, other = cache / f"{name}.12.ab.partial", cache / f"{name}.123.ab.partial"
    wheel = cache / f"{name}.12.ab.partialx7"
    mine.touch()
    other.touch()
    wheel.mkdir()
    (wheel / "some.whl").touch()
    store.discard_partial(NAME, cache, 12)
    assert files(cache) == [other.name]
