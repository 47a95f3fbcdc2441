"""Work in the background, the probe, the trials step by step, and the sentences that are made of their numbers."""

import threading
import time

import numpy as np
import pytest
import torch

from core.bundled import bundled
from core.features.explanations import (
    CHANCE,
    Effort,
    Explanation,
    Likeness,
    Trial,
    deletion_insertion,
    explain,
    order_of,
)
from core.features.explanations.faithfulness import Curve, Faithfulness
from core.features.probe import QUARTERS, covered, half_lies_on, quarter_shares, seen_again, window_at
from core.features.trials import cascade_steps, faith_steps
from core.features.verdict import faith_verdict, ranking, sanity_verdict, stubborn, withstood
from core.features.workbench import Workbench, progress
from core.networks import DEFAULT, prepare, record
from tests.core.explained_networks import subject

torch.set_num_threads(1)  # as the app does: two threads beside other work are many times slower


def counting(steps: int, log: list, gate: threading.Event | None = None):
    def make():
        log.append("begun")
        for i in range(steps):
            if gate:
                gate.wait(5)
            yield (i + 1) / steps, i if i + 1 == steps else None

    return make


def test_the_same_work_is_done_once_for_all_who_ask() -> None:
    bench, log = Workbench(), []
    jobs = [bench.ask(owner, "same", counting(3, log)) for owner in ("a", "b", "c")]
    assert bench.wait(jobs[0], 5)
    assert log == ["begun"] and {job.result for job in jobs} == {2} and jobs[0].state == "done"
    assert progress(jobs)[0] == 1


def test_work_stops_when_the_last_who_waits_for_it_stops() -> None:
    bench, gate = Workbench(), threading.Event()
    for owner in ("a", "b"):
        job = bench.ask(owner, "x", counting(1000, [], gate))
    bench.stop("a", ["x"])
    assert job.active
    bench.stop("b", ["x"])
    assert job.state == "stopped"
    gate.set()
    again = bench.ask("a", "x", counting(2, []))
    assert again is not job and bench.wait(again, 5) and again.result == 1


def test_work_that_nobody_looks_at_is_given_up() -> None:
    bench = Workbench(patience_s=0.05)

    def slow():
        for i in range(100):
            time.sleep(0.02)
            yield i / 100, None

    job = bench.ask("a", "x", slow)
    assert bench.wait(job, 5) and job.state == "stopped"


def test_what_is_quick_is_not_behind_what_is_slow() -> None:
    bench, order = Workbench(), []

    def named(name: str, steps: int):
        def make():
            for i in range(steps):
                order.append(name)
                time.sleep(0.01)
                yield (i + 1) / steps, name

        return make

    slow = bench.ask("a", "slow", named("slow", 30))
    quick = bench.ask("b", "quick", named("quick", 2))
    assert bench.wait(quick, 5) and slow.active
    assert bench.wait(slow, 5) and order.count("slow") == 30


def test_a_failure_is_a_sentence_and_leaves_the_bench_working() -> None:
    bench = Workbench()

    def fails():
        raise ValueError("No maps here.")
        yield

    job = bench.ask("a", "x", fails)
    assert bench.wait(job, 5) and (job.state, job.error) == ("failed", "No maps here.")
    assert bench.wait(bench.ask("a", "y", counting(1, [])), 5)


def test_nothing_stays_of_a_visitor_who_left() -> None:
    bench = Workbench()
    bench.wait(bench.ask("a", "own", counting(1, [])), 5)
    bench.leave("a")
    assert bench.peek("b", "own") is None


def test_covering_a_square_is_what_the_network_says_without_it() -> None:
    asked = subject("resnet18")
    found = covered(asked, (5, 60), 16)
    assert found.window == window_at(asked.hw, (5, 60), 16)
    assert window_at((64, 64), (5, 60), 16) == (0, 48, 16, 64)
    assert found.outputs[0] != found.outputs[1]


def test_pixels_come_back_from_the_tensor() -> None:
    for name in (DEFAULT, "vgg16_hed"):  # the second reads blue, green, red
        shown = prepare(record(name), bundled("Cat"))
        assert np.array_equal(seen_again(shown.tensor, record(name).preprocessing), shown.pixels)


def test_quarters_and_halves() -> None:
    heat = np.zeros((8, 8), np.float32)
    heat[6, 1] = 1
    assert QUARTERS[int(np.argmax(quarter_shares(heat)))] == "bottom left"
    assert half_lies_on(Explanation("saliency", heat), (8, 8)) == 1 / 64
    assert half_lies_on(Explanation("saliency", np.ones((8, 8), np.float32)), (8, 8)) == pytest.approx(0.5)


def test_the_steps_give_what_core_gives_at_once() -> None:
    asked = subject("resnet18")
    shares, found = zip(*faith_steps(asked, "grad_cam", Effort()), strict=True)
    expected = deletion_insertion(asked, order_of(explain("grad_cam", asked), asked.hw))
    assert found[-1] == expected and list(shares) == sorted(shares) and shares[-1] == 1
    *_, (share, trials) = cascade_steps(asked, "saliency")
    assert share == 1 and [trial.depth for trial in trials] == list(range(len(trials)))
    assert trials[0].likeness.ranks == pytest.approx(1) and not trials[0].found.details


def flat(area: float, mode: str) -> Curve:
    return Curve(mode, (0.0, 1.0), (area, area))


def faith(deletion: float, insertion: float) -> Faithfulness:
    return Faithfulness(flat(deletion, "deletion"), flat(insertion, "insertion"))


def test_the_verdict_on_the_curves_names_the_best_and_what_chance_beats() -> None:
    found = {"saliency": faith(0.5, 0.1), "grad_cam": faith(0.1, 0.6), CHANCE: faith(0.3, 0.3)}
    assert ranking(found) == ["grad_cam", CHANCE, "saliency"]
    text = faith_verdict(found)
    assert text.startswith("Grad-CAM agrees best") and "area 0.100" in text
    assert text.endswith("No better than chance: Saliency.")
    found[CHANCE] = faith(0.0, 0.9)
    assert faith_verdict(found).startswith("No method does better here than squares in random order")


def test_the_verdict_on_the_sanity_check_names_the_stubborn_one() -> None:
    def trials(method: str, ranks: list[float]) -> tuple[Trial, ...]:
        empty = Explanation(method, np.ones((2, 2), np.float32))
        return tuple(Trial(method, i, "", empty, Likeness(each, each)) for i, each in enumerate(ranks))

    found = {
        "grad_cam": trials("grad_cam", [1, 0.2, float("nan")]),
        "guided_backprop": trials("guided_backprop", [1, 0.99, 0.97]),
    }
    assert [withstood(found[name]) for name in found] == [0, 2]
    assert stubborn(found)[0] == "guided_backprop"
    assert sanity_verdict(found) == (
        "Guided backprop hardly notices: with 2 of 2 parts random its map still has a rank correlation of 0.97 "
        "with the first one. Grad-CAM changed with the last layer alone."
    )
