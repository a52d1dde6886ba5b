"""Knows the short torch program that trains the drawn network of a column, as the page does; does not run it."""

import dataclasses
import itertools
from collections.abc import Iterator

from dlcore.topics.overfitting import DENSER, MOST_FRAMES
from dlcore.topics.overfitting_config import OverfittingConfig
from dlcore.training import TrainConfig

ACTIVATIONS = {"tanh": "nn.Tanh()", "relu": "nn.ReLU()", "sigmoid": "nn.Sigmoid()", "linear": "nn.Identity()"}
OPTIMIZERS = {"sgd": "SGD", "momentum": "SGD", "adam": "Adam", "adamw": "AdamW"}

CHANCE = """\
seeds = torch.randint(2**31, (5,), generator=torch.Generator().manual_seed({seed})).tolist()
weights, batches, masks, noise, shifts = (torch.Generator().manual_seed(seed) for seed in seeds)
"""

DROPOUT = '''\
class Dropout(nn.Module):
    """nn.Dropout with p = {p!r}, and a generator of its own."""

    def forward(self, x):
        if not self.training:
            return x
        kept = torch.rand(x.shape[1], x.shape[0], generator=masks).T >= {p!r}
        return x * kept / (1 - {p!r})


'''

FIRST_WEIGHTS = """\
for layer in net:
    if isinstance(layer, nn.Linear):  # torch's own rule, with the page's generator
        bound = layer.in_features**-0.5
        nn.init.uniform_(layer.weight, -bound, bound, generator=weights)
        nn.init.uniform_(layer.bias, -bound, bound, generator=weights)
"""

EVALUATION = '''\
def evaluate(samples):
    """Mean cross-entropy and the share of right answers, without dropout or penalties."""
    net.eval()
    with torch.no_grad():
        logits = net(samples.inputs)
    net.train()
    {measured}


'''
TWO_CLASSES = """\
loss = F.binary_cross_entropy_with_logits(logits[:, 0], samples.labels.float())
    return loss.item(), ((logits[:, 0] > 0) == samples.labels).float().mean().item()"""
CLASSES = """\
loss = F.cross_entropy(logits, samples.labels)
    return loss.item(), (logits.argmax(dim=1) == samples.labels).float().mean().item()"""

PRINTING = """\
for name in ("train", "validation", "test"):
    loss, accuracy = evaluate(getattr(data, name))
    print(f"{name}: loss {loss:.3f}, accuracy {accuracy:.1%}")
"""

BEST = '''\
def now():
    """The validation loss, and a copy of the weights that have it."""
    return evaluate(data.validation)[0], copy.deepcopy(net.state_dict())


shown = {{round({num_steps} * (k / {last}) ** {denser}) for k in range({count})}}  # when the page looks
best = now()
'''


def program(config: OverfittingConfig, column: str = "a") -> str:
    """The program for the first network of A or B, as text that runs as it is.

    It prints loss and accuracy of all three splits at the end, and leaves `net`, and `losses`, those of every update.
    """
    run = {"a": config.a, "b": config.b}[column]()[0]
    held = config.early and column == "b"
    measured = TWO_CLASSES if run.data.num_classes == 2 else CLASSES
    parts = [
        "\n".join(_imports(run, held=held)),
        f"data = {_call(run.data)}.make()\n{CHANCE.format(seed=run.seed)}\n",
        DROPOUT.format(p=run.dropout) if run.dropout else "",
        "\n".join(_network(run)) + f"\n{FIRST_WEIGHTS}{_optimizer(run)}\n\n\n",
        EVALUATION.format(measured=measured),
        _best(config) if held else "",
        "\n".join(_loop(run, held=held)) + "\n\n",
        PRINTING,
    ]
    return "".join(parts)


def _imports(run: TrainConfig, *, held: bool) -> Iterator[str]:
    if held:
        yield "import copy\n"
    yield "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    data = type(run.data)
    yield f"from {data.__module__} import {data.__name__}"
    if run.augment:
        yield "from dlcore.training.shifts import shifted"
    yield "\n"


def _call(data: object) -> str:
    """The dataclass as it is written in a program; a tuple only where it is not the default one."""
    assert dataclasses.is_dataclass(data)
    values = [(field.name, getattr(data, field.name), field.default) for field in dataclasses.fields(data)]
    shown = [f"{name}={value!r}" for name, value, default in values if not isinstance(value, tuple) or value != default]
    return f"{type(data).__name__}(\n    {', '.join(shown)}\n)".replace("'", '"')


def _network(run: TrainConfig) -> Iterator[str]:
    widths = run.architecture.widths
    yield "net = nn.Sequential("
    for n, out in itertools.pairwise(widths[:-1]):
        yield f"    nn.Linear({n}, {out}),"
        if run.batch_norm:
            yield f"    nn.BatchNorm1d({out}),"
        yield f"    {ACTIVATIONS[run.activation]},"
        if run.dropout:
            yield "    Dropout(),"
    yield f"    nn.Linear({widths[-2]}, {widths[-1]}),"
    yield ")"


def _optimizer(run: TrainConfig) -> str:
    """Weight decay is for weights; biases, and batch norm's numbers, are left alone."""
    arguments = f"lr={run.lr!r}"
    if run.optimizer == "momentum":
        arguments += ", momentum=0.9"
    if not run.l2:
        plain = ", weight_decay=0.0" if run.optimizer == "adamw" else ""
        return f"optimizer = torch.optim.{OPTIMIZERS[run.optimizer]}(net.parameters(), {arguments}{plain})"
    return f"""\
decayed = [layer.weight for layer in net if isinstance(layer, nn.Linear)]
others = [p for p in net.parameters() if all(p is not weight for weight in decayed)]
groups = [dict(params=decayed, weight_decay={run.l2!r}), dict(params=others, weight_decay=0.0)]
optimizer = torch.optim.{OPTIMIZERS[run.optimizer]}(groups, {arguments})"""


def _best(config: OverfittingConfig) -> str:
    count = min(MOST_FRAMES, config.num_steps + 1)
    return BEST.format(num_steps=config.num_steps, count=count, last=count - 1, denser=DENSER)


def _loop(run: TrainConfig, *, held: bool) -> Iterator[str]:
    """The training loop; without mini-batches every step sees the same inputs and labels."""
    yield from _edits(run, 0)
    yield "losses = []"
    full = run.samples_per_step == run.data.num_train
    if full:
        yield "inputs, labels = data.train"
    yield f"for step in range({run.num_steps}):"
    body = [*(() if full else _batch(run)), *_update(run)]
    for step in sorted({edit.step for edit in run.edits if 0 < edit.step <= run.num_steps}):
        body += [f"if step + 1 == {step}:", *(f"    {line}" for line in _edits(run, step))]
    if held:
        body += ["if step + 1 in shown:", "    best = min(best, now(), key=lambda pair: pair[0])"]
    yield from (f"    {line}" for line in body)
    if held:
        yield "net.load_state_dict(best[1])"


def _batch(run: TrainConfig) -> Iterator[str]:
    size = run.samples_per_step
    per_epoch = run.data.num_train // size
    yield f"if step % {per_epoch} == 0:  # a new epoch; samples that fill no batch wait for the next"
    yield f"    order = torch.randperm({run.data.num_train}, generator=batches).split({size})"
    yield f"inputs, labels = (values[order[step % {per_epoch}]] for values in data.train)"


def _update(run: TrainConfig) -> Iterator[str]:
    """What is seen in this step, its loss, and the step."""
    x, count = "inputs", run.samples_per_step
    if run.augment:
        yield f"by = torch.empty({count}, 2).uniform_(-{run.augment!r}, {run.augment!r}, generator=shifts)  # pixels"
        yield f"x = shifted({x}, by)"
        x = "x"
    if run.input_noise:
        drawn = f"torch.empty({count}, {run.data.num_features}).normal_(0, {run.input_noise!r}, generator=noise)"
        yield f"x = {x} + {drawn}"
        x = "x"
    yield _loss(run, x)
    yield "losses.append(loss.item())"
    if run.l1:
        yield "linear = [layer for layer in net if isinstance(layer, nn.Linear)]"
        yield f"loss = loss + {run.l1!r} * sum(layer.weight.abs().sum() for layer in linear)"
    yield from ("optimizer.zero_grad()", "loss.backward()", "optimizer.step()")


def _loss(run: TrainConfig, x: str) -> str:
    smoothing = run.label_smoothing
    if run.data.num_classes > 2:
        return f"loss = F.cross_entropy(net({x}), labels{f', label_smoothing={smoothing!r}' if smoothing else ''})"
    targets = f"labels * {1 - smoothing!r} + {smoothing / 2!r}" if smoothing else "labels.float()"
    return f"loss = F.binary_cross_entropy_with_logits(net({x})[:, 0], {targets})"


def _edits(run: TrainConfig, step: int) -> Iterator[str]:
    """The changes by hand after so many updates."""
    modules = 2 + run.batch_norm + bool(run.dropout)  # of a hidden layer
    for edit in run.edits:
        if edit.step != step:
            continue
        if edit.name == "lr":
            yield "for group in optimizer.param_groups:"
            yield f'    group["lr"] = {edit.value!r}  # changed by hand'
            continue
        layer, *place = map(int, edit.name[1:].split("."))
        part = "weight" if edit.name[0] == "w" else "bias"
        where = ", ".join(map(str, place))
        yield f"net[{modules * (layer - 1)}].{part}.data[{where}] = {edit.value!r}  # changed by hand"
