"""The gate for heavy computations: in order of arrival, a few at once; who waits gives their turn away and is told."""

import time
from collections.abc import Callable
from threading import Event, Thread

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.shared import heavy as gate
from pages.shared.heavy import Gate, kept
from pages.shared.turns import Turns


def started(work: Callable[[], object]) -> Thread:
    thread = Thread(target=work)
    thread.start()
    return thread


@pytest.mark.parametrize("at_once", [1, 2])
def test_so_many_pass_at_once_in_order_of_arrival(at_once: int) -> None:
    tested, inside, most, order = Gate(at_once), [], [], []

    def run(number: int) -> None:
        with tested.passage(lambda _: None):
            order.append(number)
            inside.append(number)
            most.append(len(inside))
            time.sleep(0.03)
            inside.remove(number)

    threads = []
    for number in range(8):
        threads.append(started(lambda number=number: run(number)))
        time.sleep(0.005)
    for thread in threads:
        thread.join(10)
    assert order == list(range(8))
    assert max(most) == at_once


def test_who_waits_is_told_how_many_are_before_and_may_give_up() -> None:
    tested, leave, told = Gate(1), Event(), []

    def first() -> None:
        with tested.passage(lambda _: None):
            leave.wait(10)

    def give_up(before: int) -> None:
        told.append(before)
        raise RuntimeError("closed")

    thread = started(first)
    time.sleep(0.05)
    with pytest.raises(RuntimeError, match="closed"), tested.passage(give_up):
        pass
    assert told == [1]
    leave.set()
    thread.join(10)
    with tested.passage(give_up):  # nobody is left in the queue
        pass


def test_a_run_that_came_earlier_goes_first() -> None:
    tested, leave, order = Gate(1), Event(), []

    def run(name: str, came: float | None) -> None:
        with tested.passage(lambda _: None, came):
            order.append(name)
            leave.wait(10)

    threads = []
    for name, came in (("inside", None), ("late", None), ("begun before", 0.0)):
        threads.append(started(lambda name=name, came=came: run(name, came)))
        time.sleep(0.05)
    leave.set()
    for thread in threads:
        thread.join(10)
    assert order == ["inside", "begun before", "late"]


def test_who_steps_aside_lets_others_have_the_turn() -> None:
    turns, aside, back, told = Turns(longest_s=30), Event(), Event(), []

    def heavy_run() -> None:
        with turns.turn():
            with turns.aside():
                aside.set()
                back.wait(10)
            told.append("back")

    thread = started(heavy_run)
    aside.wait(10)
    with turns.turn():  # it would wait for half a minute otherwise
        told.append("other")
        back.set()
        time.sleep(0.05)
        assert told == ["other"]
    thread.join(10)
    assert told == ["other", "back"]


def test_new_runs_and_those_that_come_back_alternate() -> None:
    turns, told, hold, ready = Turns(longest_s=30), [], Event(), []
    doors = [Event() for _ in range(3)]

    def back(number: int) -> None:
        with turns.turn():
            with turns.aside():
                ready.append(number)
                doors[number].wait(10)
            told.append("back")

    def fresh() -> None:
        with turns.turn():
            told.append("new")

    threads = [started(lambda number=number: back(number)) for number in range(3)]
    while len(ready) < 3:
        time.sleep(0.01)

    def first() -> None:
        with turns.turn():
            hold.wait(10)

    threads.append(started(first))
    time.sleep(0.05)
    for door in doors:
        door.set()
    time.sleep(0.05)
    threads += [started(fresh) for _ in range(3)]
    time.sleep(0.05)
    hold.set()
    for thread in threads:
        thread.join(10)
    assert told == ["back", "new"] * 3


def test_what_is_kept_passes_by_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    passed, computed = [], []
    real = Gate.passage

    def counted(self: Gate, *told: object) -> object:
        passed.append(1)
        return real(self, *told)

    monkeypatch.setattr(Gate, "passage", counted)

    @kept(st.cache_data, 4)
    def inner(number: int) -> int:
        computed.append(number)
        return number + 1

    @kept(st.cache_data, 4)
    def outer(number: int) -> int:
        return inner(number) * 2

    assert [outer(3), outer(3), outer(4), outer(3)] == [8, 8, 10, 8]
    assert computed == [3, 4]
    assert len(passed) == 2  # nothing waits a second time on the way to one result


def test_an_error_is_not_taken_for_a_result() -> None:
    @kept(st.cache_data, 4)
    def broken(_number: int) -> int:
        raise ValueError("broken")

    for _ in range(2):
        with pytest.raises(ValueError, match="broken"):
            broken(1)
    with gate.GATE.passage(lambda _: None):
        pass


def test_a_visitor_in_the_queue_reads_how_many_are_before(monkeypatch: pytest.MonkeyPatch) -> None:
    leave, read = Event(), []

    def busy() -> None:
        with gate.GATE.passage(lambda _: None):
            leave.wait(20)

    def noted(before: int) -> str:
        read.append(gate_words(before))
        leave.set()
        return read[-1]

    def script() -> None:
        import streamlit as st

        from pages.shared.heavy import heavy

        with heavy():
            st.text("done")

    gate_words = gate.waiting_words
    monkeypatch.setattr(gate, "waiting_words", noted)
    threads = [started(busy) for _ in range(gate.AT_ONCE)]
    time.sleep(0.1)
    page = AppTest.from_function(script, default_timeout=20).run()
    for thread in threads:
        thread.join(10)
    assert f"{gate.AT_ONCE} before you" in read[0]
    assert page.text[0].value == "done"
    assert not page.caption  # the note goes when the wait is over
