"""Attribution maps: seconds for all methods, milliseconds to the first one, SmoothGrad against a loop, memory at 224.

Usage: saliency [REPEATS], by default 3; the best of them counts. One picture of 64 × 64, the lesson's network, default
settings. "smoothgrad_vs_loop": how many times as fast as one noisy picture after another. "peak_224_mib": what the
methods add at most to the memory of a process in which a network of ResNet-18's shape explains a picture of 224 × 224.
Reads the memory from /proc, so on Linux only.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from dlcore.checkpoints import network
from dlcore.device import generator
from dlcore.topics.images.gradients import gradient
from dlcore.topics.images.targets import Target, pairs
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.gradients import disturbances
from dlcore.topics.saliency.methods import METHODS, answer, attribute
from dlcore.topics.saliency.question import Question
from dlcore.topics.saliency.settings import MethodSettings

SIDE = 224
WINDOW, STRIDE = 35, 14  # of occlusion: the page's 10 and 4 of 64 pixels, as large as they look
MEMORY = "--memory"  # what the child process is asked for


class Block(nn.Module):
    """Two convolutions beside a shortcut."""

    def __init__(self, channels: int, features: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(channels, features, 3, stride, 1), nn.BatchNorm2d(features), nn.ReLU())
        self.second = nn.Sequential(nn.Conv2d(features, features, 3, 1, 1), nn.BatchNorm2d(features))
        self.shortcut = nn.Identity() if stride == 1 else nn.Conv2d(channels, features, 1, stride)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """x: (batch, channels, height, width)."""
        return self.relu(self.second(self.first(x)) + self.shortcut(x))


class ResNet(nn.Module):
    """A network of ResNet-18's shape, untrained: its maps, and so its memory, are as large."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 64, 7, 2, 3), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
        sizes = [(64, 64, 1), (64, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 512, 2)]
        self.blocks = nn.Sequential(*(Block(*size) for size in sizes), Block(512, 512, 1))
        self.classifier = nn.Linear(512, 1000)
        self.last_conv = self.blocks[-1]

    def forward(self, images: Tensor) -> Tensor:
        """images: (batch, 3, height, width) -> logits (batch, classes)."""
        return self.classifier(self.blocks(self.stem(images)).mean(dim=(2, 3)))


def best(works: Mapping[str, Callable[[], Any]], repeats: int) -> dict[str, float]:
    """Seconds of the fastest of several calls of each, in turns, so that a busy machine does not decide."""
    spent: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repeats + 1):
        for name, work in works.items():
            begin = time.perf_counter()
            work()
            spent[name].append(time.perf_counter() - begin)
    return {name: min(seconds[1:]) for name, seconds in spent.items()}  # the first call imports, and warms up


def speed(repeats: int) -> dict[str, float]:
    """Of the opening scene's picture and network."""
    net, image, settings = network("plain"), Subject().image(), MethodSettings()

    def everything() -> None:
        question = Question(net, image[None], [Target(4)], settings)
        for name in METHODS:
            answer(name, question)

    def one_after_another() -> Tensor:
        asked, noise = pairs([Target(4)]), islice(disturbances(image.shape, settings), settings.num_samples)
        return torch.cat([gradient(net, (image + part)[None], asked) for part in noise]).mean(dim=0)

    methods = {name: lambda name=name: attribute(name, net, image, Target(4), settings) for name in METHODS}
    seconds = best({**methods, "loop": one_after_another, "everything": everything}, repeats)
    return {
        "all_methods_s": round(seconds["everything"], 3),
        "first_map_ms": round(1e3 * seconds["gradient"], 1),
        "smoothgrad_vs_loop": round(seconds["loop"] / seconds["smoothgrad"], 2),
        **{f"{name}_ms": round(1e3 * seconds[name], 1) for name in METHODS},
    }


def memory() -> int:
    """MiB that the methods add at most to this process."""
    net = ResNet().eval().requires_grad_(False)
    image = torch.rand(3, SIDE, SIDE, generator=generator(0))
    few = MethodSettings(num_samples=2, num_steps=2, window=WINDOW, stride=WINDOW, num_masks=10)
    for name in METHODS:  # captum and scikit-learn are imported, and a pass through the network is made
        attribute(name, net, image[:, :64, :64], Target(0), few)
    Path("/proc/self/clear_refs").write_text("5")  # the highest so far is forgotten
    before = status("VmRSS")
    for name in METHODS:
        attribute(name, net, image, Target(0), MethodSettings(window=WINDOW, stride=2 * STRIDE, num_masks=100))
    return round((status("VmHWM") - before) / 1024)


def status(name: str) -> int:
    """Kilobytes, as the system counts them for this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def main(argv: list[str]) -> None:
    """Measure it all."""
    torch.set_num_threads(1)
    if argv == [MEMORY]:
        print(memory())
        return
    figures = speed(int(argv[0]) if argv else 3)
    command = [sys.executable, "-m", "benchmarks", "saliency", MEMORY]
    peak = int(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    print(json.dumps(figures | {"peak_224_mib": peak}))
