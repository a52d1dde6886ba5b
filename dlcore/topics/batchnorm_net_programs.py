"""Knows the short torch program that trains the first network of each point in a live view; runs it not."""

from dlcore.topics.batchnorm_runs import (
    GAINS,
    LRS,
    NUM_TEST,
    NUM_VALIDATION,
    SIZES,
    WIDTH,
    NetConfig,
    RatesConfig,
    SizesConfig,
    trained_norms,
)
from dlcore.topics.batchnorm_training import NUM_GROUPS

MODULES = {"relu": "ReLU", "tanh": "Tanh", "sigmoid": "Sigmoid", "linear": "Identity"}
LAYERS = {
    "none": "nn.Identity()",
    "batch": f"nn.BatchNorm1d({WIDTH})",
    "layer": f"nn.LayerNorm({WIDTH})",
    "group": f"nn.GroupNorm({NUM_GROUPS}, {WIDTH})",
}

PROGRAM = '''\
import itertools

import torch
from sklearn.datasets import load_digits
from torch import nn

seed, depth, num_steps = {seed}, {depth}, {num_steps}
norms = {{
{norms}
}}

pixels, digits = load_digits(return_X_y=True)
inputs, labels = torch.tensor(pixels / 16, dtype=torch.float32), torch.tensor(digits)
order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
test, train = order[:{num_test}], order[{start}:{end}]


def generators():
    """One for the first weights, one for the batches."""
    seeds = torch.randint(2**31, (2,), generator=torch.Generator().manual_seed(seed))
    return [torch.Generator().manual_seed(each) for each in seeds.tolist()]


def batches(generator, batch_size):
    """A fresh permutation every epoch, cut into batches; what is left of it is not used."""
    while True:
        shuffled = train[torch.randperm(len(train), generator=generator)]
        yield from shuffled[: len(train) // batch_size * batch_size].split(batch_size)


def network(norm, generator):
    """Linear, norm, activation, and so on; weights uniform in ±{gain}/√fan-in."""
    layers = []
    for n, out in itertools.pairwise([64] + [{width}] * depth + [10]):
        linear = nn.Linear(n, out)
        with torch.no_grad():
            linear.weight.uniform_(-1 / n**0.5, 1 / n**0.5, generator=generator).mul_({gain_value!r})
            linear.bias.uniform_(-1 / n**0.5, 1 / n**0.5, generator=generator)
        layers += [linear, norms[norm](), nn.{activation}()]
    return nn.Sequential(*layers[:-2])


def trained(norm, lr, batch_size):
    """The network after num_steps updates of plain SGD."""
    weights, chances = generators()
    net = network(norm, weights)
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    for batch in itertools.islice(batches(chances, batch_size), num_steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(inputs[batch]), labels[batch]).backward()
        optimizer.step()
    return net


@torch.no_grad()
def accuracy(net):
    """In per cent, with the running statistics."""
    return 100 * (net.eval()(inputs[test]).argmax(dim=1) == labels[test]).float().mean().item()


found = {{}}
{loop}
        found[norm, {varied}] = accuracy(trained(norm, {arguments}))
        print(norm, {varied}, f"{{found[norm, {varied}]:.1f}} %")
'''


def program(config: NetConfig) -> str:
    """Text that runs as it is, and leaves `found`: (norm, rate or batch size) -> test accuracy in per cent."""
    norms = trained_norms(config)
    varied, values, arguments = _varied(config)
    gain = GAINS[config.weights]
    return PROGRAM.format(
        **{name: getattr(config, name) for name in ("seed", "depth", "num_steps")},
        norms="\n".join(f'    "{norm}": lambda: {LAYERS[norm]},' for norm in norms),
        num_test=NUM_TEST,
        start=NUM_TEST + NUM_VALIDATION,
        end=NUM_TEST + NUM_VALIDATION + 700,
        width=WIDTH,
        gain="√6" if gain > 1 else "1",
        gain_value=gain,
        activation=MODULES[config.activation],
        loop=f"for {varied} in {values}:\n    for norm in norms:",
        varied=varied,
        arguments=arguments,
    )


def _varied(config: NetConfig) -> tuple[str, tuple[float, ...], str]:
    """What the runs differ in, its values, and the call's last arguments."""
    if isinstance(config, SizesConfig):
        return "batch_size", SIZES, f"{config.lr!r}, batch_size"
    if isinstance(config, RatesConfig):
        return "lr", LRS, f"lr, {config.batch_size}"
    return "lr", (config.lr,), f"lr, {config.batch_size}"
