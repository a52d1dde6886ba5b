"""What the stages of numbers on questions about pictures await is what the runs give, on few scenes."""

from collections.abc import Callable

import numpy as np
import pytest

from dlcore.figures import vqa_census, vqa_looks
from dlcore.topics.vqa import census, comparing, learning, shift, table
from dlcore.topics.vqa.grading import ROWS
from dlcore.topics.vqa.shipped import SEEDS
from tests.figures.adversarial_stages import Made
from tests.figures.awaited import check_awaited, names
from tests.figures.vqa_plots import KINDS, compared, counted, learnt, shifted, tabled


def table_run() -> Made:
    config = table.TableConfig(num_scenes=20)
    stage = tabled(counts=config.counts, domain=config.domain)
    return Made(stage, lambda: table.frames(config), ["blind.2", "majority.2"])


def shift_run() -> Made:
    config = shift.ShiftConfig(num_scenes=20, domains=(0.0, 1.0))
    stage = shifted(counts=config.counts, domains=config.domains)
    return Made(stage, lambda: shift.frames(config), ["low.AA", "high.AA", "blind.AA"])


def comparing_run() -> Made:
    config = comparing.ComparingConfig(num_scenes=20)
    stage = compared(counts=config.counts, seeds=SEEDS, domain=config.domain)
    return Made(stage, lambda: comparing.frames(config), [f"difference.interval.{key}" for key in ("blind", "deaf")])


def learning_run() -> Made:
    config = learning.LearningConfig(num_scenes=100, num_steps=25)
    return Made(learnt(steps=config.steps), lambda: learning.frames(config), ["step"])


def census_run() -> Made:
    config = census.CensusConfig(num_scenes=20)
    return Made(counted(counts=config.counts, domain=config.domain), lambda: census.frames(config))


RUNS: dict[str, Callable[[], Made]] = {
    "table": table_run,
    "shift": shift_run,
    "comparing": comparing_run,
    "learning": learning_run,
    "census": census_run,
}


SLOW = {"learning": [pytest.mark.slow]}  # it draws both tests first


@pytest.mark.parametrize("name", [pytest.param(name, marks=SLOW.get(name, ())) for name in RUNS])
def test_a_run_gives_what_its_stage_awaits_and_nothing_in_vain(name: str) -> None:
    stage, run, unused = RUNS[name]()
    first, *rest = run()
    assert len(rest) + 1 == stage.num_frames
    check_awaited(stage, first.arrays)
    assert set(first.arrays) - names(stage) == set(unused)


def test_rows_are_graded_in_the_order_in_which_they_are_drawn() -> None:
    assert vqa_looks.names(KINDS) == list(ROWS)
    assert comparing.USUAL == "product"


def test_no_answer_is_so_common_that_its_bar_has_no_room() -> None:
    for domain in (0.0, 1.0):
        *_, last = census.frames(census.CensusConfig(num_scenes=40, domain=domain))
        shares = [float(np.max(row)) for name, row in last.arrays.items() if name.startswith("shares.")]
        assert max(shares) < vqa_census.LAST
