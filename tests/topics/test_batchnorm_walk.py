"""The transform's steps, tables and arithmetic in words, and the program beside them, for all of its settings."""

import itertools
import math
import re
from typing import Any

import numpy as np
import pytest
import torch

from dlcore.numerals import digits
from dlcore.topics.batchnorm import NORMS
from dlcore.topics.batchnorm_config import INPUTS, MODES, UPSTREAM, TransformConfig
from dlcore.topics.batchnorm_notes import cell_lines, step_note
from dlcore.topics.batchnorm_programs import lines, program
from dlcore.topics.batchnorm_tables import members_of, set_of, tables
from dlcore.topics.batchnorm_walk import check, steps, walk

EXACT = 1e-9
CASES = list(itertools.product(NORMS, MODES, ("forward", "backward"), (1, 2, 6)))


def config_of(norm: str, mode: str, direction: str, samples: int, **more: Any) -> TransformConfig:
    return TransformConfig(norm=norm, mode=mode, direction=direction, samples=samples, seen=3, **more)


@pytest.mark.parametrize(("norm", "mode", "direction", "samples"), CASES)
def test_every_number_is_torchs_or_torch_says_why_not(norm: str, mode: str, direction: str, samples: int) -> None:
    found = walk(config_of(norm, mode, direction, samples, edits="gamma1=2, beta0=-1"))
    if (norm, mode, samples) == ("batch", "train", 1):
        assert (
            found.refusal == "Expected more than 1 value per channel when training, got input size torch.Size([1, 4])"
        )
        assert math.isnan(check(found))
        assert found.after is None
        assert torch.equal(found.forward.normal, torch.zeros(1, 4, dtype=torch.float64))
        assert torch.equal(found.backward.x, torch.zeros(1, 4, dtype=torch.float64))
    else:
        assert found.refusal == ""
        assert check(found) < EXACT


@pytest.mark.parametrize("image", INPUTS)
@pytest.mark.parametrize("upstream", UPSTREAM)
def test_every_input_and_every_gradient_agree_with_torch(image: str, upstream: str) -> None:
    for seed in range(5):
        assert check(walk(TransformConfig(image=image, upstream=upstream, seed=seed))) < EXACT


def test_inputs_are_what_their_names_say() -> None:
    for seed in range(8):
        scales, outlier, constant = (
            walk(TransformConfig(image=image, seed=seed)).given.x for image in ("scales", "outlier", "constant")
        )
        assert float((scales[:, 3] - 100).abs().max()) < 5
        assert float((outlier[0] - outlier[1:].mean(dim=0)).min()) > 15
        assert float(constant[:, 0].std()) == 0


def test_a_feature_that_never_changes_becomes_0_and_not_infinite() -> None:
    found = walk(TransformConfig(image="constant"))
    assert torch.equal(found.forward.normal[:, 0], torch.zeros(6, dtype=torch.float64))
    assert torch.isfinite(found.backward.x).all()


def test_changes_by_hand_are_made_where_there_is_such_a_number() -> None:
    found = walk(TransformConfig(edits="x0.2=5, dy1.1=-7, gamma3=2, beta0=4, x7.5=9"))
    assert found.given.x[0, 2] == 5
    assert found.given.grad[1, 1] == -7
    assert found.given.gamma.tolist() == [1, 1, 1, 2]
    assert found.given.beta.tolist() == [4, 0, 0, 0]


@pytest.mark.parametrize(("norm", "mode", "direction", "samples"), CASES)
def test_each_step_is_a_line_of_code_and_has_a_note(norm: str, mode: str, direction: str, samples: int) -> None:
    config = config_of(norm, mode, direction, samples)
    found, order = walk(config), steps(config)
    code, active = lines(config)
    assert len(active) == len(order)
    assert active[0] == -1
    assert set(active[1:]) <= set(range(len(code)))
    assert all(step_note(found, step)[1] for step in order)


@pytest.mark.parametrize(("norm", "mode", "direction", "samples"), CASES)
def test_the_arithmetic_in_words_ends_in_the_cells_number(norm: str, mode: str, direction: str, samples: int) -> None:
    found = walk(config_of(norm, mode, direction, samples, edits="gamma1=2, beta0=-1"))
    written = 0
    for table in tables(found).values():
        for (row, column), value in np.ndenumerate(table.values):
            told = cell_lines(found, table.key, row, column)
            if not told:
                assert table.edits is not None  # it is given
                continue
            assert re.findall("<b>(.*)</b>", told[-1]) == [digits(float(value))]
            written += 1
    assert written


def test_the_parts_of_a_gradient_add_up_to_it() -> None:
    told = cell_lines(walk(TransformConfig(direction="backward")), "dx", 0, 0)
    *parts, total = (float(re.sub("<.*?>", "", line).split()[-1].replace("−", "-")) for line in told)
    assert sum(parts) == pytest.approx(total, abs=0.01)
    assert len(parts) == 3


@pytest.mark.parametrize("norm", NORMS)
def test_the_table_knows_who_shares_a_mean_as_the_sets_do(norm: str) -> None:
    found = walk(TransformConfig(norm=norm))
    sets = found.config.sets
    numbers = torch.arange(24.0).view(6, 4)
    for number, (row, column) in enumerate(np.ndindex(sets.shape)):
        members = members_of(found, row, column)
        assert [float(numbers[cell]) for cell in sorted(members)] == sorted(sets.rows(numbers)[number].tolist())
        assert {set_of(found, *cell) for cell in members} == {(row, column)}


@pytest.mark.parametrize(("norm", "mode", "direction", "samples"), CASES)
def test_the_program_gives_the_pages_numbers_and_agrees_with_torch(
    norm: str, mode: str, direction: str, samples: int, capsys: pytest.CaptureFixture[str]
) -> None:
    found = walk(config_of(norm, mode, direction, samples, edits="gamma1=2, beta0=-1, dy0.0=5"))
    space: dict[str, Any] = {}
    exec(program(found), space)
    pairs = (("y", found.forward.y), ("d_gamma", found.backward.gamma), ("d_beta", found.backward.beta))
    for name, ours in (*pairs, ("dx", found.backward.x)):
        torch.testing.assert_close(space[name].detach(), ours, rtol=1e-9, atol=1e-9)
    if found.after is not None:
        running = (space["running_mu"].detach(), space["running_var"].detach())
        torch.testing.assert_close(running, tuple(found.after), rtol=1e-9, atol=1e-9)
    assert ("Expected more than 1 value" in capsys.readouterr().out) == bool(found.refusal)
