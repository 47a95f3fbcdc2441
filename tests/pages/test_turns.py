"""Visitors' runs take turns: one at a time, in order of arrival, and nobody waits for a long one."""

import time
from collections.abc import Callable
from threading import Event, Thread

import pytest

from pages.shared.turns import BACK, PAGE, PART, Turns


def started(work: Callable[[], object]) -> Thread:
    thread = Thread(target=work)
    thread.start()
    return thread


def test_runs_follow_one_another_in_order_of_arrival() -> None:
    turns, told, gate = Turns(longest_s=30), [], Event()

    def first() -> None:
        with turns.turn():
            gate.wait(10)
            told.append("first")

    def later(name: str) -> None:
        with turns.turn():
            told.append(f"{name} begins")
            time.sleep(0.02)
            told.append(f"{name} ends")

    threads = [started(first)]
    for name in ("second", "third", "fourth"):
        time.sleep(0.05)
        threads.append(started(lambda name=name: later(name)))
    time.sleep(0.05)
    assert told == []
    gate.set()
    for thread in threads:
        thread.join(10)
    assert told == [
        "first",
        *(f"{name} {what}" for name in ("second", "third", "fourth") for what in ("begins", "ends")),
    ]


def test_a_long_run_does_not_hold_up_the_next() -> None:
    turns, inside, gate = Turns(longest_s=0.05), Event(), Event()

    def long() -> None:
        with turns.turn():
            inside.set()
            gate.wait(10)

    thread = started(long)
    inside.wait(10)
    with turns.turn():
        assert thread.is_alive()
    gate.set()
    thread.join(10)
    with turns.turn():
        pass


def test_a_turn_inside_a_turn_goes_straight_on() -> None:
    turns = Turns(longest_s=30)
    with turns.turn(), turns.turn():
        pass


def test_an_error_gives_the_turn_back() -> None:
    turns = Turns(longest_s=30)
    with pytest.raises(ValueError, match="broken"), turns.turn():
        raise ValueError("broken")
    taken = []
    thread = started(lambda: taken.append(turns.turn().__enter__()))
    thread.join(5)
    assert taken == [None]


def test_a_crowd_with_tiny_turns_loses_nobody() -> None:
    turns, done = Turns(longest_s=0.001), []

    def run(number: int) -> None:
        for _ in range(20):
            with turns.turn():
                time.sleep(0.002 if number % 3 else 0)
        done.append(number)

    threads = [started(lambda number=number: run(number)) for number in range(20)]
    for thread in threads:
        thread.join(30)
    assert sorted(done) == list(range(20))


def test_every_second_turn_is_for_a_part() -> None:
    turns = Turns()
    for row, names in ((PAGE, "ab"), (BACK, "cd"), (PART, "123")):
        turns._waiting[row].extend(names)
    order = []
    while any(turns._waiting):
        with turns._changed:
            turns._next()
        order.append(turns._head)
    assert "".join(order) == "1c2a3db"


def test_parts_of_open_pages_do_not_wait_for_all_pages_that_open() -> None:
    turns, told, gate = Turns(longest_s=30), [], Event()

    def run(name: str, row: int) -> None:
        with turns.turn(row):
            told.append(name)

    def first() -> None:
        with turns.turn():
            gate.wait(10)

    threads = [started(first)]
    for name, row in (
        ("page 1", PAGE),
        ("page 2", PAGE),
        ("page 3", PAGE),
        ("slider", PART),
        ("slider 2", PART),
    ):
        time.sleep(0.05)
        threads.append(started(lambda name=name, row=row: run(name, row)))
    time.sleep(0.05)
    gate.set()
    for thread in threads:
        thread.join(10)
    assert told == ["slider", "page 1", "slider 2", "page 2", "page 3"]
