"""How SmoothGrad's map forms: sample by sample, and what the strength of the noise does to it.

Knows the noisy pictures and the mean of their gradients; does not know how they are drawn on the page.
Source: Smilkov et al., SmoothGrad: removing noise by adding noise (2017), sections 3 and 4.1.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from dlcore.topics.images.arrays import Arrays, scalar, to_bytes
from dlcore.topics.images.gradients import magnitude
from dlcore.topics.images.measures import distance, rank_correlation
from dlcore.topics.images.targets import pairs
from dlcore.topics.saliency.case import NOT_KNOWN, Case, both_maps
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.gradients import disturbances, moments
from dlcore.topics.saliency.settings import MethodSettings
from dlcore.training import Snapshot

MANY = 200  # other samples, whose mean stands for the one that the samples tend to
AT_ONCE = 10  # samples in one pass: the first ones are soon there
NOISES = (0.0, 0.02, 0.05, 0.10, 0.15, 0.20, 0.30, 0.40, 0.50)
MOST_SENT = 250_000  # pixels of one kind of map in all frames of a run: 61 frames of 64 × 64
FEWEST_FRAMES = 12


@dataclass(frozen=True, kw_only=True)
class SamplesConfig:
    """SmoothGrad of one picture, sample by sample."""

    subject: Subject = field(default_factory=Subject)
    settings: MethodSettings = field(default_factory=MethodSettings)

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """The numbers of samples at which there is a frame: each, or denser at first where that were too much."""
        return (0, *spread(self.settings.num_samples, self.subject.shape))

    @property
    def num_frames(self) -> int:
        """Of the run."""
        return len(self.counts)


@dataclass(frozen=True, kw_only=True)
class NoiseConfig:
    """SmoothGrad of one picture at each of NOISES; the noise of the settings counts for nothing."""

    subject: Subject = field(default_factory=Subject)
    settings: MethodSettings = field(default_factory=MethodSettings)
    num_frames = len(NOISES)


def spread(last: int, shape: tuple[int, int, int]) -> tuple[int, ...]:
    """Whole numbers from 1 to `last`: all, or as many as frames of this shape can be sent, in steps that grow."""
    most = max(FEWEST_FRAMES, MOST_SENT // (shape[1] * shape[2]))
    if last <= most:
        return tuple(range(1, last + 1))
    return tuple(np.unique(np.geomspace(1, last, most).round().astype(int)).tolist())


def samples(config: SamplesConfig) -> Iterator[Snapshot]:
    """The noisy picture, its gradient and the mean so far, at each of the config's counts; frame 0: no noise yet."""
    case = Case(config.subject)
    look = _Look(case, config.settings)
    plain = case.gradients(case.image[None])[0]
    yield look.at(case.image, plain, plain.double(), change=NOT_KNOWN)
    mean = torch.zeros_like(plain, dtype=torch.float64)
    for number, (picture, found) in enumerate(_noisy(case, config.settings), start=1):
        moved = (found - mean) / number
        mean = mean + moved
        if number in config.counts:
            yield look.at(picture, found, mean, NOT_KNOWN if number == 1 else scalar(moved.norm() / mean.norm()))


class _Look:
    """What a frame shows of the samples, among it how far their mean is from that of many others."""

    def __init__(self, case: Case, settings: MethodSettings) -> None:
        self.case = case
        others = replace(settings, num_samples=MANY, seed=(settings.seed + 1) % 2**31)
        self.many = moments(case.net, case.image[None], pairs([case.target]), others).mean[0]

    def at(self, picture: Tensor, found: Tensor, mean: Tensor, change: np.float32) -> Snapshot:
        """The frame of the mean so far, float64 (channels, height, width), and of its newest sample."""
        strengths = magnitude(mean)
        arrays: Arrays = {
            "picture": to_bytes(picture),
            "chance": scalar(self.case.chances(picture[None])),
            "change": change,
            "distance": scalar(distance(mean, self.many)),
            "rank": scalar(rank_correlation(strengths, magnitude(self.many))),
            "inside": self.case.inside(strengths),
        }
        return Snapshot(arrays | both_maps("sample", found) | both_maps("mean", mean))


def noises(config: NoiseConfig) -> Iterator[Snapshot]:
    """The map at each of NOISES, made of the same draws, stronger from frame to frame."""
    case = Case(config.subject)
    answer = case.logits(case.image[None]).argmax()
    plain = magnitude(case.gradients(case.image[None])[0])
    for sigma in NOISES:
        settings = replace(config.settings, noise=sigma)
        logits = torch.cat([case.logits(part) for part in _pictures(case, settings)])
        mean = moments(case.net, case.image[None], pairs([case.target]), settings).mean[0]
        strengths = magnitude(mean)
        arrays: Arrays = {
            "sigma": np.float32(sigma),
            "picture": to_bytes(next(_pictures(case, settings))[0]),
            "chance": scalar(logits.softmax(dim=1)[:, case.target.label].mean()),
            "right": scalar((logits.argmax(dim=1) == answer).float().mean()),
            "rank": scalar(rank_correlation(strengths, plain)),
            "inside": case.inside(strengths),
            "precision": case.precision(strengths),
        }
        yield Snapshot(arrays | both_maps("", mean))


def _pictures(case: Case, settings: MethodSettings) -> Iterator[Tensor]:
    """The noisy copies of the picture that the method itself would draw, a few at a time."""
    noise = islice(disturbances(case.image.shape, settings), settings.num_samples)
    while part := [*islice(noise, AT_ONCE)]:
        yield case.image + torch.stack(part)


def _noisy(case: Case, settings: MethodSettings) -> Iterator[tuple[Tensor, Tensor]]:
    """Each noisy copy and the gradient at it."""
    for part in _pictures(case, settings):
        yield from zip(part, case.gradients(part), strict=True)
