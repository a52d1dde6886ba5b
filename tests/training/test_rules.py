"""Rows that did not begin at once are updated as each would be alone."""

import pytest
import torch

from dlcore.training.rules import RULES


@pytest.mark.parametrize("name", RULES)
def test_every_row_may_have_its_own_rate_and_its_own_time(name: str) -> None:
    rule, chances = RULES[name], torch.Generator().manual_seed(0)
    g, *buffers = torch.rand(3, 2, 5, generator=chances, dtype=torch.float64)
    lr, times = torch.tensor([[0.1], [0.02]], dtype=torch.float64), (3, 40)

    def state(rows: slice) -> dict:
        return {buffer: value[rows].clone() for buffer, value in zip(rule.state, buffers, strict=False)}

    t = torch.tensor(times, dtype=torch.float64)[:, None]
    together = rule.update(g, state(slice(None)), lr, t)
    for row, time in enumerate(times):
        one = slice(row, row + 1)
        torch.testing.assert_close(together[one], rule.update(g[one], state(one), lr[one], time), rtol=1e-12, atol=0)
