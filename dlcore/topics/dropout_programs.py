"""Knows the short torch programs that give the numbers of the lesson on dropout; does not run them."""

from dlcore.topics.dropout_config import NUM_SEEDS, DropoutConfig, MasksConfig, ScalingConfig
from dlcore.topics.dropout_scaling import draw_layer
from dlcore.training.feed import Streams

TRAIN = '''\
import torch
import torch.nn.functional as F
from torch import nn

from dlcore.datasets.planes import PlaneConfig  # this lab's points

WIDTHS = {widths}


def generators(seed):
    """For first weights and for masks: the page's own, so that the numbers are, too."""
    seeds = torch.randint(2**31, ({streams},), generator=torch.Generator().manual_seed(seed)).tolist()
    return (torch.Generator().manual_seed(seeds[k]) for k in ({weights}, {masks}))


def points(seed):
    return PlaneConfig(
        name={name!r}, num_train={num_train}, noise={noise!r}, label_noise={label_noise!r}, seed=seed
    ).make()


def logits(layers, x, masks=()):
    """One layer after the other. A mask holds 0 or 1/(1 − p), as nn.Dropout(p) has it while training."""
    *hidden, last = layers
    for k, layer in enumerate(hidden):
        x = F.relu(layer(x))
        if len(masks):
            x = x * masks[k]
    return last(x).squeeze(1)


def train(seed, p):
    """A network with dropout p, the probability to drop: a mask for each point, new in each step."""
    weights, chances = generators(seed)
    layers = [nn.Linear(n, out) for n, out in zip(WIDTHS, WIDTHS[1:])]
    for layer in layers:
        for part in (layer.weight, layer.bias):
            nn.init.uniform_(part, -(layer.in_features**-0.5), layer.in_features**-0.5, generator=weights)
    inputs, labels = points(seed).train
    optimizer = torch.optim.Adam([part for layer in layers for part in layer.parameters()], lr={lr!r})
    for step in range({num_steps}):
        keep = torch.rand(sum(WIDTHS[1:-1]), len(inputs), generator=chances) >= p
        masks = [part.T / (1 - p) for part in keep.split(WIDTHS[1:-1])]
        loss = F.binary_cross_entropy_with_logits(logits(layers, inputs, masks), labels.float())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return layers


def right(answers, seed):
    """Per cent of the test points."""
    return 100 * (answers == points(seed).test.labels.bool()).float().mean().item()


torch.set_num_threads(1)
seeds = [({seed} + k) % 2**31 for k in range({num_seeds})]
'''

BOTH = """

accuracy = {{}}
for p in (0.0, {p!r}):
    nets = [train(seed, p) for seed in seeds]
    with torch.no_grad():  # and no mask: at test nothing is dropped, and nothing scaled
        answers = [logits(layers, points(seed).test.inputs) > 0 for seed, layers in zip(seeds, nets)]
    accuracy[p] = sum(map(right, answers, seeds)) / len(seeds)
    print(f"p = {{p}}: {{accuracy[p]:.1f}} % right, mean of {{len(seeds)}} seeds")
"""

MASKED = """

p, chances = {p!r}, torch.Generator().manual_seed({mask_seed})
nets = [(train(seed, p), points(seed).test.inputs) for seed in seeds]
with torch.no_grad():
    scaled = torch.stack([logits(layers, x).sigmoid() for layers, x in nets])
    found = []
    for _ in range({num_masks}):  # one mask for all points: one thinned network
        keep = torch.rand(len(seeds), sum(WIDTHS[1:-1]), 1, generator=chances) >= p
        masks = [[part[:, 0] / (1 - p) for part in units.split(WIDTHS[1:-1])] for units in keep]
        found.append(torch.stack([logits(*net, mask).sigmoid() for net, mask in zip(nets, masks)]))
average, spread = torch.stack(found).mean(dim=0), torch.stack(found).std(dim=0, correction=0)

accuracy = {{
    name: sum(map(right, chance > 0.5, seeds)) / len(seeds)
    for name, chance in (("average", average), ("scaled", scaled))
}}
apart = 100 * (average - scaled).abs().mean().item()
print(accuracy, f"apart by {{apart:.2f}} points, spread {{spread.mean():.3f}}")
"""

LAYER = """\
import torch
import torch.nn.functional as F

p = {p!r}  # torch's p: the probability to drop; a lecture's p may be {keep:.6g}, the probability to keep
a = torch.tensor({a}, dtype=torch.float64)  # outputs of the layer
w = torch.tensor({w}, dtype=torch.float64)  # weights behind it
masks = (torch.rand({num_masks}, len(a), generator=torch.Generator().manual_seed({seed})) >= p).double()

torch_training, torch_test = a * masks / (1 - p), a  # scaled while training
lecture_training, lecture_test = a * masks, a * (1 - p)  # scaled at test

mean = {{"torch": (torch_training @ w).mean().item(), "lecture": (lecture_training @ w).mean().item()}}
test = {{"torch": (torch_test @ w).item(), "lecture": (lecture_test @ w).item()}}
print("mean over", len(masks), "masks:", mean)
print("at test:", test)

ones = F.dropout(torch.ones(10_000), p)  # torch itself: 0, or 1/(1 − p)
print("torch lets pass:", ones.unique().tolist())
"""


def training_program(config: DropoutConfig) -> str:
    """Trains A and B with all seeds, and leaves the test accuracies in per cent, `accuracy[p]`."""
    return _train(config) + BOTH.format(p=config.p)


def masks_program(config: MasksConfig) -> str:
    """Trains B with all seeds, asks it with masks, and leaves `accuracy`, `apart` and `spread`."""
    asked = MASKED.format(p=config.training.p, mask_seed=config.training.seed, num_masks=config.num_masks)
    return _train(config.training) + asked


def scaling_program(config: ScalingConfig) -> str:
    """The layer under its masks, both ways; leaves `mean` and `test`."""
    layer = draw_layer(config)
    return LAYER.format(
        p=config.p,
        keep=1 - config.p,
        a=layer.a.tolist(),
        w=layer.w.tolist(),
        num_masks=config.num_masks,
        seed=config.seed + 1,
    )


def _train(config: DropoutConfig) -> str:
    return TRAIN.format(
        widths=[2, *[config.width] * config.depth, 1],
        streams=len(Streams._fields),
        weights=Streams._fields.index("weights"),
        masks=Streams._fields.index("masks"),
        name=config.data,
        num_seeds=NUM_SEEDS,
        **{name: getattr(config, name) for name in ("num_train", "noise", "label_noise", "lr", "num_steps", "seed")},
    )
