"""How much a network's hidden units lean on one another, measured in two ways; does not know how they were trained.

Correlation says which units answer alike. Removal says what the others are worth without some of them, which is what
co-adaptation means: a unit that only works beside certain others. The two need not agree.
Source: Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting (2014), section 2.
"""

from functools import cached_property

import torch
from torch import Tensor

from dlcore.datasets.splits import Samples
from dlcore.training.measures import right
from dlcore.training.network import Architecture, outputs

SILENT = 1e-6  # a unit whose outputs spread less than this answers nothing, and correlates with none
SHARES = (0.0, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9)  # of the hidden units, removed
MOST_POINTS = 250  # that are asked: in `Removal` each has a mask of its own, so they are as many masks


def correlations(values: Tensor) -> Tensor:
    """Pearson's r of each pair of units over the samples: (models, units, samples) -> (models, units, units).

    A silent unit has r = 0 with every other one.
    """
    centred = values - values.mean(dim=2, keepdim=True)
    spread = centred.square().mean(dim=2, keepdim=True).sqrt()
    normal = torch.where(spread > SILENT, centred / spread.clamp(min=SILENT), 0.0)
    return (normal @ normal.mT / values.shape[2]).clamp(-1, 1)


def mean_correlation(values: Tensor) -> Tensor:
    """The mean |r| over all pairs of different units that answer at all, (models,); 0 where there is no such pair."""
    r = correlations(values).abs()
    alive = (r.diagonal(dim1=1, dim2=2) > 0).sum(dim=1)
    r.diagonal(dim1=1, dim2=2).zero_()
    return r.sum(dim=(1, 2)) / (alive * (alive - 1)).clamp(min=1)


class Removal:
    """Asks networks with a share of their hidden units removed, what is left scaled up by 1/(1 − share).

    The same numbers decide for all networks and in every call, and a larger share removes the same units and more: so
    what differs is the network and not the chance.
    """

    def __init__(self, architecture: Architecture, samples: Samples, generator: torch.Generator) -> None:
        """samples: inputs (models, samples, features); at most `MOST_POINTS` are asked."""
        self.architecture = architecture
        self.samples = Samples(samples.inputs[:, :MOST_POINTS], samples.labels[:, :MOST_POINTS])
        models, count = self.samples.labels.shape
        numbers = torch.rand(1, sum(architecture.hidden), count, generator=generator).expand(models, -1, -1)
        masks = torch.cat([(numbers >= share) / (1 - share) for share in SHARES])
        self.masks = masks.split(architecture.hidden, dim=1)
        self.inputs = self.samples.inputs.mT.repeat(len(SHARES), 1, 1)

    @cached_property
    def labels(self) -> Tensor:
        """(models · shares, samples)."""
        return self.samples.labels.repeat(len(SHARES), 1)

    def accuracy(self, params: Tensor) -> Tensor:
        """The share of right answers, (shares, models), of networks params (models, num_params)."""
        parts = self.architecture.parts(params.repeat(len(SHARES), 1))
        with torch.no_grad():
            *_, logits = outputs(self.architecture, parts, self.inputs, running=[], masks=self.masks)
        return right(logits, self.labels).view(len(SHARES), -1)
