"""Two spirals learned by 8 networks at once, with pictures of every unit: a stack against one after another.

Usage: live_training [PAIRS], by default 3. "solve_speedup": time until every seed's training loss is below 0.05, an
eager loop over torch.nn and torch.optim for one seed after another against the stack; both measure the loss and make
all pictures after every epoch, from the same weights and batches. "epochs_per_s": of all 8 together, training alone.
"recording_overhead": what a frame after every step costs, as a share; of the best times, since it is small.
"""

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn.utils import vector_to_parameters

from dlcore.datasets.planes import PlaneConfig
from dlcore.training import Grid, TrainConfig, maps, metrics, train
from dlcore.training.feed import minibatches, streams

SOLVED = 0.05
SEEDS = range(8)
BATCH = 25
EPOCH = 500 // BATCH
MOST_EPOCHS = 400
GRID = Grid(reach=4.0, size=100)
DATA = PlaneConfig(name="spirals", noise=0.05, num_train=EPOCH * BATCH)
RECORDED_STEPS = 600

CONFIGS = [
    TrainConfig(data=DATA, hidden=(8, 8), lr=0.03, batch_size=BATCH, num_steps=MOST_EPOCHS * EPOCH, seed=seed)
    for seed in SEEDS
]


def stacked() -> list[int]:
    """All seeds as one stack, until the last is solved. Returns the epochs that each needed."""
    epochs = [0] * len(CONFIGS)
    for epoch, frame in enumerate(train(CONFIGS, every=EPOCH)):
        maps(frame, GRID, CONFIGS, [run for run, solved in enumerate(epochs) if not solved])
        losses = metrics([frame], CONFIGS, ["train"]).loss["train"][0]
        epochs = [first or (epoch if loss < SOLVED else 0) for first, loss in zip(epochs, losses, strict=True)]
        if all(epochs):
            return epochs
    raise RuntimeError(f"The spirals were not solved in {MOST_EPOCHS} epochs: {epochs}.")


def one_after_another() -> list[int]:
    """The same with torch.nn and torch.optim, seed by seed. Returns the epochs that each needed."""
    return [eager(config) for config in CONFIGS]


def eager(config: TrainConfig) -> int:
    """Train one network as in every tutorial, until it is solved. Returns its epochs."""
    samples = config.data.make().train
    inputs, targets = samples.inputs, samples.labels.float()[:, None]
    points = GRID.points().T.contiguous()
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 1))
    chances = streams(config.seed)
    vector_to_parameters(config.architecture.draw(chances.weights), model.parameters())
    optimizer = torch.optim.Adam(model.parameters(), lr=config.lr)
    loss_of = nn.BCEWithLogitsLoss()
    batches = minibatches(len(inputs), BATCH, chances.batches)
    for epoch in range(MOST_EPOCHS):
        with torch.no_grad():
            pictures(model, points)
            if loss_of(model(inputs), targets).item() < SOLVED:
                return epoch
        for _ in range(EPOCH):
            batch = next(batches)
            loss = loss_of(model(inputs[batch]), targets[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    raise RuntimeError(f"The spirals were not solved in {MOST_EPOCHS} epochs.")


def pictures(model: nn.Sequential, points: Tensor) -> list[Tensor]:
    """What every hidden unit and the output give on the grid, as bytes, (units, size, size) a layer."""
    made, x = [], points
    for module in model:
        x = module(x)
        if isinstance(module, nn.Tanh):
            made.append((128.5 + 127 * x.T).to(torch.uint8).reshape(-1, GRID.size, GRID.size))
    made.append((255 * x.T.sigmoid() + 0.5).to(torch.uint8).reshape(-1, GRID.size, GRID.size))
    return made


def recorded(every: int) -> None:
    """Training alone, with a frame every few steps."""
    for frame in train([replace(c, num_steps=RECORDED_STEPS) for c in CONFIGS], every=every):
        del frame


def seconds(work: Callable[[], object]) -> float:
    """Processor time, so that a busy machine does not decide."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def compare(ways: dict[str, Callable[[], object]], repeats: int) -> dict[str, list[float]]:
    """The seconds of each way, interleaved."""
    measured: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, work in ways.items():
            measured[name].append(seconds(work))
    return measured


def main(argv: list[str]) -> None:
    """Measure PAIRS times and report medians."""
    pairs = int(argv[0]) if argv else 3
    torch.set_num_threads(1)
    recorded(1)
    torch.optim.Adam([torch.zeros(1)])  # its first use imports for most of a second
    epochs, alone = stacked(), one_after_another()
    print(f"epochs until solved: {epochs} stacked, {alone} one after another")
    solve = compare({"stack": stacked, "loop": one_after_another}, pairs)
    record = compare({"frames": lambda: recorded(1), "none": lambda: recorded(RECORDED_STEPS)}, 3 * pairs)
    middle = {name: statistics.median(times) for name, times in {**solve, **record}.items()}
    print({name: [round(each, 3) for each in times] for name, times in {**solve, **record}.items()})
    print(
        json.dumps(
            {
                "solve_speedup": round(middle["loop"] / middle["stack"], 2),
                "solve_s": round(middle["stack"], 2),
                "epochs_per_s": round(len(CONFIGS) * RECORDED_STEPS / EPOCH / middle["none"]),
                "recording_overhead": round(min(record["frames"]) / min(record["none"]) - 1, 3),
            }
        )
    )
