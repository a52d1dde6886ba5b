"""How answers are counted, against scikit-learn and SciPy."""

import numpy as np
import pytest
import torch

from dlcore.device import generator
from dlcore.nets import fresh
from dlcore.topics.adversarial.answers import answers, flow, logits, percent, runners_up

LABELS = torch.randint(10, (80,), generator=generator(0))
ANSWERS = torch.randint(10, (80,), generator=generator(1))


def test_the_flow_is_the_confusion_matrix() -> None:
    from sklearn.metrics import confusion_matrix

    assert np.array_equal(flow(LABELS, ANSWERS, 10), confusion_matrix(LABELS, ANSWERS, labels=range(10)))
    assert flow(LABELS[:0], ANSWERS[:0], 10).sum() == 0


def test_percent_has_wilsons_interval() -> None:
    from scipy import stats

    true = torch.rand(150, generator=generator(2)) < 0.3
    expected = stats.binomtest(int(true.sum()), 150).proportion_ci(0.95, method="wilson")
    found = percent(true)
    assert found.mean == pytest.approx(100 * int(true.sum()) / 150)
    assert (found.low, found.high) == (pytest.approx(100 * expected.low), pytest.approx(100 * expected.high))
    assert np.isnan(percent(true[:0]).mean)


def test_the_runner_up_is_the_best_class_that_is_wrong() -> None:
    given = torch.tensor([[3.0, 1.0, 2.0], [3.0, 1.0, 2.0], [0.0, 0.0, -1.0]])
    assert runners_up(given, torch.tensor([0, 2, 0])).tolist() == [2, 0, 1]


def test_many_pictures_are_answered_as_each_alone() -> None:
    net = fresh("plain", generator(0)).eval().requires_grad_(False)
    images = torch.rand(19, 3, 64, 64, generator=generator(1))
    alone = torch.cat([net(image[None]) for image in images])
    assert torch.allclose(logits(net, images), alone, atol=1e-5)
    assert torch.equal(answers(net, images), alone.argmax(dim=1))
