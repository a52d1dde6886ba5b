"""Knows the training loop in PyTorch, a line for each phase, as it stands for a network and its settings.

Does not know the numbers; `backprop_programs.py` writes a program that runs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from dlcore.topics.backprop_config import BackpropConfig
from dlcore.topics.scalar_net import Net


@dataclass(frozen=True)
class Loop:
    """The loop's lines, the line of each phase, the one that takes a batch's next sample, and those that are wrong."""

    lines: tuple[str, ...]
    line_of: Mapping[str, int]
    following: int
    wrong: tuple[int, ...] = ()

    def active(self, phase: str, turn: int) -> int:
        """The line of a phase with a batch's sample number `turn`."""
        return self.following if phase == "data" and turn else self.line_of[phase]


class _Line(NamedTuple):
    phase: str  # "": nothing of the walk happens here
    text: str
    wrong: bool = False


class _Words(NamedTuple):
    """How a network is written in its loop."""

    samples: str = "for x, y in samples:"
    forward: str = "p = net(x)"
    loss: str = "loss = loss_fn(p, y)"
    result: str = "loss"
    learned: str = "net.parameters()"


WORDS = {
    "formula": _Words("for step in range(num_steps):", "f = formula(**variables)", "", "f", "variables.values()"),
    "softmax": _Words("for y in samples:", "p = z.softmax(dim=0)", "loss = -(y * p.log()).sum()", learned="[z]"),
}


def training_loop(config: BackpropConfig, net: Net) -> Loop:
    """The lines that the walk goes through; phases as in `walk.PHASES`."""
    lines = list(_lines(config, net))
    rows = {
        phase: [row for row, line in enumerate(lines) if line.phase == phase] for phase in {ln.phase for ln in lines}
    }
    line_of = {phase: found[0] for phase, found in rows.items() if phase}
    line_of.setdefault("loss", line_of["forward"])
    wrong = tuple(row for row, line in enumerate(lines) if line.wrong)
    return Loop(tuple(line.text for line in lines), line_of, rows["data"][-1], wrong)


def _lines(config: BackpropConfig, net: Net) -> Iterator[_Line]:
    words = WORDS.get(config.network, _Words())
    several = config.batch_size > 1 and len(net.data) > 1
    yield _Line("data", "for batch in batches:" if several else words.samples)
    if config.fault == "no-zero-grad":
        yield _Line("zero_grad", "    # optimizer.zero_grad() is missing", wrong=True)
    else:
        yield _Line("zero_grad", "    optimizer.zero_grad()")
    if several:
        yield _Line("data", "    for x, y in batch:")
    pad = "        " if several else "    "
    for line in _backprop(config, net, words):
        mean = " / len(batch)" if several and line.phase == "loss" else ""
        yield line._replace(text=f"{pad}{line.text}{mean}")
    yield from _step(config, net, words)


def _backprop(config: BackpropConfig, net: Net, words: _Words) -> Iterator[_Line]:
    """Forward, loss and backward of one sample."""
    cut = config.fault == "detach" and bool(net.detached)
    yield _Line("forward", "p = head(body(x).detach())" if cut else words.forward, wrong=cut)
    if words.loss:
        yield _Line("loss", words.loss)
    # Where nothing that is left learns, torch would raise an error.
    guard = "if loss.requires_grad: " if cut and not _head_learns(net) else ""
    yield _Line("backward", f"{guard}{words.result}.backward()")


def _step(config: BackpropConfig, net: Net, words: _Words) -> Iterator[_Line]:
    if config.fault == "wrong-sign":
        yield _Line("step", f"    for w in {words.learned}: w.data += lr * w.grad", wrong=True)
        return
    if config.fault == "bias-fan-in" and net.fan_in:
        yield _Line("", "    for b, fan_in in biases: b.grad *= fan_in", wrong=True)
    yield _Line("step", "    optimizer.step()")


def _head_learns(net: Net) -> bool:
    """Whether there are parameters behind what the fault "detach" cuts off."""
    before = set(net.detached)
    for index in reversed(range(len(net.graph.nodes))):
        if index in before:
            before.update(net.graph.nodes[index].inputs)
    return any(net.graph.index[name] not in before for name in net.start)
