"""Long work in worker processes: throughput, first frame, cost of a frame, cancelling, memory; a class of 32 at once.

Usage: job_engines [WORKERS], by default one a core, at most 4. Reads the memory from /proc, so on Linux only.
"""

import json
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from dlcore.datasets.planes import PlaneConfig
from dlcore.device import generator
from dlcore.jobs import Job, Jobs, Limits
from dlcore.training import TrainConfig, train

NUM_RUNS = 8
NUM_STEPS = 1500
NUM_FRAMES = 20_000
REPEATS = 5
STUDENTS = 32  # who train nets of one shape at the same time
WINDOW = 5.0  # seconds that are counted
MOST_EPOCHS = 100_000  # of one student, which nobody reaches
LIMITS = Limits(running_per_owner=NUM_RUNS, num_frames=10**6, num_bytes=10**9, linger_seconds=0)
CLASS = Limits(num_frames=10**6, num_bytes=10**9, linger_seconds=0)


def tiny_training(seed: int) -> Iterator[np.ndarray]:
    """A 2-8-1 net on 100 points with eager autograd, as a lesson would have it: a frame is its flat weights."""
    draw = generator(seed)
    points = torch.randn(100, 2, generator=draw)
    labels = (points.prod(dim=1, keepdim=True) > 0).float()
    shapes = [(2, 8), (8,), (8, 1), (1,)]
    weights = [torch.randn(shape, generator=draw).requires_grad_() for shape in shapes]
    for _ in range(NUM_STEPS):
        logits = torch.tanh(points @ weights[0] + weights[1]) @ weights[2] + weights[3]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, labels)
        gradients = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for weight, gradient in zip(weights, gradients, strict=True):
                weight -= 0.1 * gradient
        yield torch.cat([weight.detach().flatten() for weight in weights]).numpy()


def counted(_: int) -> Iterator[int]:
    """Frames that cost nothing to compute."""
    yield from range(NUM_FRAMES)


def slow_steps(path: str) -> Iterator[int]:
    """Steps of 100 ms; the file tells when the run was let go of."""
    try:
        while True:
            yield 0
            time.sleep(0.1)
    finally:
        Path(path).write_text(str(time.perf_counter()))


def student(seed: int) -> TrainConfig:
    """A 2-8-1 net on 100 points with Adam; an epoch is one step on all of them."""
    return TrainConfig(data=PlaneConfig(num_train=100, seed=seed), hidden=(8,), num_steps=MOST_EPOCHS, seed=seed)


def usual_training(seed: int) -> Iterator[np.ndarray]:
    """The same as one would write it: modules, autograd, torch.optim."""
    config = student(seed)
    samples = config.data.make().train
    labels = samples.labels[:, None].float()
    net = torch.nn.Sequential(torch.nn.Linear(2, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=config.lr)
    for _ in range(config.num_steps):
        optimizer.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(net(samples.inputs), labels).backward()
        optimizer.step()
        yield torch.nn.utils.parameters_to_vector(net.parameters()).detach().numpy()


def stacked_training(seed: int) -> Iterator[np.ndarray]:
    """A student's run as a lesson has it: a frame an epoch, its flat weights."""
    for frame in train([student(seed)]):
        yield frame.params[0]


class Rate(NamedTuple):
    """Epochs of all students together."""

    a_second: float
    a_cpu_second: float  # of one core: what holds on a machine that is busy otherwise, too


def in_threads() -> Rate:
    """Each student a thread of this process with eager autograd."""
    counts, over = [0] * STUDENTS, threading.Event()

    def train_one(number: int) -> None:
        for _ in usual_training(number):
            counts[number] += 1
            if over.is_set():
                return

    threads = [threading.Thread(target=train_one, args=(number,)) for number in range(STUDENTS)]
    for thread in threads:
        thread.start()
    rate = rate_of(lambda: sum(counts), [os.getpid()])
    over.set()
    for thread in threads:
        thread.join()
    return rate


def in_stacks(jobs: Jobs) -> tuple[Rate, list[float]]:
    """Each student a run of workers that stack runs of equal shape; and seconds to the first frame of each."""
    firsts: list[float] = []
    begin = time.perf_counter()

    def first(job: Job) -> None:
        next(iter(job.frames()))
        firsts.append(time.perf_counter() - begin)

    runs = [jobs.submit(stacked_training, seed, owner=f"student {seed}") for seed in range(STUDENTS)]
    readers = [threading.Thread(target=first, args=(job,)) for job in runs]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    rate = rate_of(lambda: sum(job.status.num_frames for job in runs), [os.getpid(), *jobs.worker_pids])
    for number in range(STUDENTS):
        jobs.close(f"student {number}")
    return rate, firsts


def rate_of(count: Callable[[], int], pids: list[int]) -> Rate:
    """By how much the count grows, once all have begun, and for how much work of these processes."""
    while not count():
        time.sleep(0.01)
    time.sleep(0.5)
    before, begin, worked = count(), time.perf_counter(), sum(map(cpu_seconds, pids))
    time.sleep(WINDOW)
    grown = count() - before
    return Rate(grown / (time.perf_counter() - begin), grown / (sum(map(cpu_seconds, pids)) - worked))


def cpu_seconds(pid: int) -> float:
    """What a process has worked so far, on all cores."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def together(num_workers: int | None) -> dict[str, float]:
    """A class that trains nets of one shape at the same time: threads against workers that stack, in turn."""
    threads, stacks, firsts = [], [], []
    with Jobs(num_workers, limits=CLASS, preload=("dlcore.training",)) as jobs:
        in_stacks(jobs)  # warm
        for _ in range(3):
            threads.append(in_threads())
            rate, waits = in_stacks(jobs)
            stacks.append(rate)
            firsts += waits
    pairs = list(zip(stacks, threads, strict=True))
    return {
        "threads_epochs_s": round(statistics.median(rate.a_second for rate in threads)),
        "stacked_epochs_s": round(statistics.median(rate.a_second for rate in stacks)),
        "stacked_speedup": round(statistics.median(new.a_second / old.a_second for new, old in pairs), 1),
        "threads_epochs_cpu_s": round(statistics.median(rate.a_cpu_second for rate in threads)),
        "stacked_epochs_cpu_s": round(statistics.median(rate.a_cpu_second for rate in stacks)),
        "stacked_first_frame_ms": round(1e3 * statistics.median(firsts), 1),
    }


def seconds(work: Callable[[], Any]) -> float:
    """Wall time of one call."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def in_turn() -> None:
    """All trainings, one after another, in this process."""
    for seed in range(NUM_RUNS):
        for _ in tiny_training(seed):
            pass


def at_once(jobs: Jobs, owner: str) -> list[float]:
    """All trainings at once, each read as it runs; seconds until the first frame of each."""
    firsts: list[float] = []
    begin = time.perf_counter()

    def read(job: Job) -> None:
        frames = iter(job.frames())
        next(frames)
        firsts.append(time.perf_counter() - begin)
        assert sum(1 for _ in frames) == NUM_STEPS - 1

    submitted = [jobs.submit(tiny_training, seed, owner=owner) for seed in range(NUM_RUNS)]
    readers = [threading.Thread(target=read, args=(job,)) for job in submitted]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    jobs.close(owner)
    return firsts


def throughput(jobs: Jobs) -> dict[str, float]:
    """How much sooner eight trainings are done than one after another, and how soon each shows something."""
    at_once(jobs, "warm-up")
    in_turn()
    alone, together, firsts = [], [], []
    for k in range(REPEATS):  # interleaved, so that a busy machine does not decide
        alone.append(seconds(in_turn))
        together.append(seconds(lambda k=k: firsts.extend(at_once(jobs, f"throughput-{k}"))))
    return {
        "throughput": round(statistics.median(alone) / statistics.median(together), 2),
        "first_frame_ms": round(1e3 * statistics.median(firsts), 1),
        "last_first_frame_ms": round(1e3 * max(firsts), 1),
    }


def frame_cost(jobs: Jobs) -> float:
    """Microseconds that a frame takes from one process into the other and to its reader."""
    costs = [
        seconds(lambda k=k: list(jobs.submit(counted, k, owner=f"cost-{k}").frames())) / NUM_FRAMES
        for k in range(REPEATS)
    ]
    return round(1e6 * statistics.median(costs), 2)


def cancel_latency(jobs: Jobs, folder: Path) -> float:
    """The longest that a worker took to let go of a run with steps of 100 ms, in milliseconds."""
    waits = []
    for k in range(REPEATS):
        path = folder / f"let-go-{os.getpid()}-{k}"
        job = jobs.submit(slow_steps, str(path), owner="cancel")
        next(iter(job.frames(k)))
        begin = time.perf_counter()  # the same clock in every process, on Linux
        job.cancel()
        while not path.exists() or not path.read_text():
            time.sleep(0.001)
        waits.append(float(path.read_text()) - begin)
        path.unlink()
    return round(1e3 * max(waits), 1)


def descendants(pid: int) -> list[int]:
    """All processes below this one."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return children + [below for child in children for below in descendants(child)]


def memory(method: str, num_workers: int | None) -> float:
    """MiB of all processes of a fresh server that has run torch in each worker, pages that are shared counted once."""
    before = set(descendants(os.getpid()))
    with Jobs(num_workers, method=method, limits=LIMITS) as jobs:
        at_once(jobs, "memory")
        rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in set(descendants(os.getpid())) - before]
    kilobytes = [int(line.split()[1]) for text in rollups for line in text.splitlines() if line.startswith("Pss:")]
    return round(sum(kilobytes) / 1024)


def main(argv: list[str]) -> None:
    """Measure it all."""
    torch.set_num_threads(1)
    num_workers = int(argv[0]) if argv else None
    with Jobs(num_workers, limits=LIMITS) as jobs:
        figures: dict[str, float] = throughput(jobs)
        figures["frame_us"] = frame_cost(jobs)
        figures["cancel_ms"] = cancel_latency(jobs, Path(os.environ.get("TMPDIR", "/tmp")))
    figures |= together(num_workers)
    figures |= {f"{method}_mib": memory(method, num_workers) for method in ("fork", "spawn")}
    print(json.dumps(figures))
