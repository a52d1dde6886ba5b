"""Knows the short torch program that makes the page's own updates, with its numbers and its fault; does not run it."""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from dlcore.topics.backprop_config import WALKED, BackpropConfig
from dlcore.topics.edits import read_edits
from dlcore.topics.scalar_net import Net
from dlcore.topics.timeline import batches, train
from dlcore.topics.torch_source import TENSOR, Source, formula_source, layers_source, softmax_source

BATCHES = '''\
def batches(generator):
    """A fresh permutation of the samples every epoch, cut into batches."""
    while True:
        yield from torch.randperm({num_samples}, generator=generator).split({batch_size})
'''


def program(config: BackpropConfig, net: Net) -> str:
    """The program that makes all updates up to the two that are walked through, as text that runs as it is.

    It prints those two, and leaves what every update had: `losses`, `grads` (.grad before the step), and `parameters`
    (after it).

    Raises: ValueError for edits that this network does not allow.
    """
    write = {"formula": formula_source, "softmax": softmax_source}.get(config.network, layers_source)
    source = write(config, net, train(config, net, 0).states[0])
    definitions = [*source.definitions]
    if _several(net):
        definitions.append(BATCHES.format(num_samples=len(net.data), batch_size=config.batch_size))
    head = "\n\n\n".join(part.strip() for part in (f"{source.imports}\n{TENSOR}", *definitions))
    lines = [*_before_the_loop(config, net, source), *_loop(config, net, source)]
    gap = "\n\n\n" if definitions else "\n\n"
    return f"{head}{gap}{source.setup.strip()}\n\n" + "\n".join(lines) + f"\n\n{_printing(config)}"


def _several(net: Net) -> bool:
    """Whether there are several samples, so that the loop goes through batches."""
    return len(net.data) > 1


def _before_the_loop(config: BackpropConfig, net: Net, source: Source) -> Iterator[str]:
    if _several(net):  # edits of parameters and of a single sample are in the first values already
        yield from (change.line for change in _changes(config, net, source) if not change.update and change.is_data)
    if config.fault == "detach" and source.body:
        yield f"body, head = net[:{source.body}], net[{source.body}:]"
    yield f"optimizer = torch.optim.SGD({source.learned}, lr={float(config.lr)!r})"
    if _several(net):
        yield f"generator = torch.Generator().manual_seed({config.seed})"
    yield "losses, grads, parameters = [], [], []"


class _Change(NamedTuple):
    """An edit as a line of source."""

    update: int
    is_data: bool
    line: str


def _changes(config: BackpropConfig, net: Net, source: Source) -> Iterator[_Change]:
    """The edits that these updates see, in their order."""
    order = batches(config, len(net.data), config.updates + WALKED)
    for edit in read_edits(config.edits, net):
        is_data = edit.name not in net.start
        if edit.update >= config.updates + WALKED or (is_data and edit.turn >= len(order[edit.update])):
            continue
        sample = order[edit.update][edit.turn] if is_data else 0
        line = source.setters[edit.name].format(value=repr(edit.value), sample=sample)
        yield _Change(edit.update, is_data, f"{line}  # {edit.name}, changed by hand")


def _loop(config: BackpropConfig, net: Net, source: Source) -> Iterator[str]:
    """The training loop with the fault in it, as it stands on the page, and the lines that keep what it did."""
    turns = f"range({config.updates + WALKED})"
    yield f"for update, batch in zip({turns}, batches(generator)):" if _several(net) else f"for update in {turns}:"
    for update, changes in groupby(_changes(config, net, source), key=lambda change: change.update):
        if update:
            yield f"    if update == {update}:"
            yield from (f"        {change.line}" for change in changes)
    if config.fault == "no-zero-grad":
        yield "    # wrong: optimizer.zero_grad() is missing, so .grad keeps what it held and grows"
    else:
        yield "    optimizer.zero_grad()"
    yield from (f"    {line}" for line in _backprop(config, net, source))
    held = "w.grad.numpy().copy()"
    if config.fault == "detach" and source.body:
        held = f"None if w.grad is None else {held}"
    yield f"    grads.append({{name: {held} for name, w in {source.named}}})"
    yield from (f"    {line}" for line in _step(config, net, source))
    yield f"    parameters.append({{name: w.detach().numpy().copy() for name, w in {source.named}}})"


def _backprop(config: BackpropConfig, net: Net, source: Source) -> Iterator[str]:
    """Forward, loss and backward of a sample, or of a batch sample by sample."""
    forward = list(source.forward)
    backward = [f"{source.loss}.backward()"]
    if config.fault == "detach" and source.body:
        forward[0] = "p = head(body(x).detach())  # wrong: nothing in the body gets a gradient"
        if not source.head_learns:
            what = "  # it does not: nothing that is left learns, and backward() would raise an error"
            backward = [f"if loss.requires_grad:{what}", f"    {backward[0]}"]
    if config.batch_size == 1 or not _several(net):
        if _several(net):
            yield "x, y = inputs[batch], targets[batch]"
        yield from [*forward, *backward, f"losses.append({source.loss}.item())"]
        return
    yield "losses.append(0.0)"
    yield "for x, y in zip(inputs[batch], targets[batch]):"
    forward[-1] += " / len(batch)"
    yield from (f"    {line}" for line in [*forward, *backward, "losses[-1] += loss.item()"])


def _step(config: BackpropConfig, net: Net, source: Source) -> Iterator[str]:
    if config.fault == "wrong-sign":
        yield f"for w in {source.learned}:"
        yield f"    w.data += {float(config.lr)!r} * w.grad  # wrong: this goes up the slope"
        return
    fan_in = {source.biases[name]: number for name, number in net.fan_in.items()}
    if config.fault == "bias-fan-in" and fan_in:
        pairs = ", ".join(f"({bias}, {number})" for bias, number in fan_in.items())
        yield f"for b, fan_in in [{pairs}]:"
        yield "    b.grad *= fan_in  # wrong: as if the bias were used once for every input"
    yield "optimizer.step()"


def _printing(config: BackpropConfig) -> str:
    """What the two updates that are walked through did."""
    return f"""\
for update in ({config.updates}, {config.updates + 1}):
    print(f"Update {{update + 1}}: loss = {{losses[update]:.8g}}")
    for name, w in parameters[update].items():
        print(f"{{name}}.grad = {{grads[update][name]}}\\n{{name}} after the step = {{w}}")
"""
