"""Seven optimizers x 500 steps: the race as rows of one tensor against a loop over torch.optim.

Usage: optimizer_trace [SURFACE ...], by default quadratic, rosenbrock and logistic; the JSON is of the first.
"""

import json
import statistics
import time
from collections.abc import Callable

import torch

from dlcore.topics.descent import RaceConfig, race
from dlcore.topics.landscape import Surface

OPTIMIZERS = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "radam")  # every rule; AdamW's is Adam's
LR = 1e-3  # low enough for every surface, so that no path diverges
NUM_STEPS = 500
REPEATS = 9

MAKERS: dict[str, Callable[[list[torch.Tensor]], torch.optim.Optimizer]] = {
    "sgd": lambda w: torch.optim.SGD(w, lr=LR),
    "momentum": lambda w: torch.optim.SGD(w, lr=LR, momentum=0.9),
    "nesterov": lambda w: torch.optim.SGD(w, lr=LR, momentum=0.9, nesterov=True),
    "adagrad": lambda w: torch.optim.Adagrad(w, lr=LR),
    "rmsprop": lambda w: torch.optim.RMSprop(w, lr=LR),
    "adam": lambda w: torch.optim.Adam(w, lr=LR),
    "radam": lambda w: torch.optim.RAdam(w, lr=LR),
}


def torch_loop(surface: Surface) -> torch.Tensor:
    """The same race written with torch.optim, keeping what a trace keeps: points, losses, gradients and buffers.

    Returns the points, (num_steps + 1, optimizers, 2).
    """
    paths = []
    for name in OPTIMIZERS:
        w = torch.tensor(surface.start, dtype=torch.float64).requires_grad_()
        optimizer = MAKERS[name]([w])
        points, losses, gradients, buffers = [w.detach().clone()], [], [], []
        for _ in range(NUM_STEPS):
            optimizer.zero_grad()
            loss = surface.loss(w[:1], w[1:]).sum()
            loss.backward()
            optimizer.step()
            points.append(w.detach().clone())
            losses.append(loss.detach())
            gradients.append(w.grad)
            buffers.append([value.clone() for key, value in optimizer.state[w].items() if key != "step"])
        paths.append(torch.stack(points))
    return torch.stack(paths, dim=1)


def compare(name: str) -> dict[str, float]:
    """Both ways, interleaved and in processor time, so that a busy machine does not decide."""
    start = RaceConfig(surface=name).make_surface().start
    config = RaceConfig(surface=name, x0=start[0], y0=start[1], optimizers=OPTIMIZERS, lr=LR, num_steps=NUM_STEPS)
    surface = config.make_surface()
    trace, paths = race(config), torch_loop(surface)  # also the warm-up: the first torch.optim import is slow
    seconds: dict[str, list[float]] = {"rows": [], "loop": []}
    for _ in range(REPEATS):
        for way, run in (("rows", lambda: race(config)), ("loop", lambda: torch_loop(surface))):
            begin = time.process_time()
            run()
            seconds[way].append(time.process_time() - begin)
    rows, loop = statistics.median(seconds["rows"]), statistics.median(seconds["loop"])
    difference = abs(paths.numpy() - trace.w).max()
    print(
        f"{name}: rows {1e3 * rows:.0f} ms (best {1e3 * min(seconds['rows']):.0f}), "
        f"torch.optim {1e3 * loop:.0f} ms (best {1e3 * min(seconds['loop']):.0f}), "
        f"{loop / rows:.1f} times faster, paths differ by {difference:.1e}"
    )
    return {
        "speedup": round(loop / rows, 2),
        "speedup_best": round(min(seconds["loop"]) / min(seconds["rows"]), 2),
        "rows_ms": round(1e3 * rows, 1),
        "loop_ms": round(1e3 * loop, 1),
        "max_difference": float(difference),
    }


def main(argv: list[str]) -> None:
    """Compare on each surface named."""
    torch.set_num_threads(1)
    results = [compare(name) for name in argv or ("quadratic", "rosenbrock", "logistic")]
    print(json.dumps(results[0]))
