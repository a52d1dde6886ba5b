"""What a frame says of a changed picture: the change, the answer, and what became of it."""

from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from dlcore.topics.adversarial.config import Victim
from dlcore.topics.adversarial.deltas import deltas
from dlcore.topics.adversarial.settings import LEVEL
from dlcore.topics.adversarial.trial import FOOLED, HELD, SHAKEN, WRONG_ALREADY, Trial


class Always(nn.Module):
    """The same logits for every picture."""

    def __init__(self, logits: Tensor) -> None:
        super().__init__()
        self.given = logits

    def forward(self, images: Tensor) -> Tensor:
        return self.given.expand(len(images), -1)


@dataclass(frozen=True, kw_only=True)
class Given(Victim):
    """A blank picture whose true class is 4, and what the network answers to it."""

    clean: Tensor = field(default_factory=lambda: of({4: 9.0, 2: 5.0}))

    def network(self) -> nn.Module:
        return Always(self.clean)

    def logits(self) -> Tensor:
        return self.clean

    def image(self) -> Tensor:
        return torch.full((3, 4, 4), 0.5)


def of(raised: dict[int, float]) -> Tensor:
    """Logits of ten classes: 0, but for these."""
    logits = torch.zeros(10)
    for number, value in raised.items():
        logits[number] = value
    return logits


@pytest.mark.parametrize(
    ("answer", "untargeted", "targeted"),
    [
        ({4: 9.0}, HELD, HELD),
        ({4: 9.0, 2: 8.9}, HELD, HELD),  # its chance is still above the half
        ({4: 9.0, 2: 8.9, 3: 8.9}, SHAKEN, HELD),
        ({4: 5.0, 3: 9.0}, FOOLED, SHAKEN),
        ({4: 5.0, 7: 9.0}, FOOLED, FOOLED),
    ],
)
def test_the_outcome(answer: dict[int, float], untargeted: int, targeted: int) -> None:
    assert Trial(Given(), targeted=False).outcome(of(answer)) == untargeted
    assert Trial(Given(target=7), targeted=True).outcome(of(answer)) == targeted


@pytest.mark.parametrize("targeted", [False, True])
@pytest.mark.parametrize("answer", [{4: 9.0}, {7: 9.0}])
def test_what_was_wrong_before_any_attack_is_no_success(answer: dict[int, float], targeted: bool) -> None:
    wrong = Given(clean=of({3: 9.0}), target=7)
    assert Trial(wrong, targeted).outcome(of(answer)) == WRONG_ALREADY


def test_the_margin_is_below_0_where_an_attack_has_what_it_wants() -> None:
    logits = torch.stack([of({4: 9.0, 2: 5.0}), of({2: 5.0, 7: 6.5})])
    assert Trial(Given(), targeted=False).margins(logits).tolist() == [4, -6.5]
    assert Trial(Given(target=7), targeted=True).margins(logits).tolist() == [9, -1.5]


def test_without_a_target_the_goal_is_the_runner_up_and_its_loss_is_asked() -> None:
    trial, logits = Trial(Given(), targeted=True), of({4: 1.0, 2: 3.0})
    found = trial.arrays(trial.images[0], logits)
    assert trial.goal == 2
    assert found["loss"] == pytest.approx(-float(logits.log_softmax(dim=0)[2]))
    assert found["rival"] == pytest.approx(float(logits.softmax(dim=0)[2]))
    assert found["chance"] == pytest.approx(float(logits.softmax(dim=0)[4]))


def test_a_frames_numbers() -> None:
    trial, logits = Trial(Given(), targeted=False), of({4: 1.0, 6: 3.0})
    image = trial.images[0].clone()
    image[0, 0, 0] += 3 * LEVEL
    image[1, 0, 0] -= 4 * LEVEL
    found = trial.arrays(image, logits, 4, before="noise.")
    assert found["noise.linf"] == pytest.approx(4, rel=1e-5)
    assert found["noise.l2"] == pytest.approx(5, rel=1e-5)
    assert found["noise.changed"] == pytest.approx(1 / 16)
    assert found["noise.loss"] == pytest.approx(-float(logits.log_softmax(dim=0)[4]))
    assert found["noise.rival"] == pytest.approx(float(logits.softmax(dim=0)[6]))
    assert found["noise.outcome"] == FOOLED
    assert found["noise.picture"].dtype == np.uint8
    assert found["noise.picture"].shape == (4, 4, 3)
    assert all(name.startswith("noise.") for name in found)


def test_a_change_is_seen_as_it_is_and_magnified_so_that_epsilon_is_white() -> None:
    delta = torch.tensor([4.0, -4.0, 2.0, 0.0]).view(1, 2, 2).expand(3, 2, 2) * LEVEL
    found = {name: np.asarray(values) for name, values in deltas(delta, 4).items()}
    assert found["delta.true"][..., 0].flatten().tolist() == [132, 124, 130, 128]
    assert found["delta.magnified"][..., 2].flatten().tolist() == [255, 1, 192, 128]
    assert found["delta.sign"].flatten().tolist() == [1, -1, 1, 0]
    assert found["delta.size"].flatten().tolist() == pytest.approx([4, 4, 2, 0])


def test_where_channels_disagree_signs_cancel_and_sizes_do_not() -> None:
    delta = torch.tensor([6.0, -3.0, 0.0]).view(3, 1, 1) * LEVEL
    found = deltas(delta, 6)
    assert float(found["delta.sign"].item()) == 0
    assert float(found["delta.size"].item()) == pytest.approx(3)


def test_nothing_is_grey() -> None:
    found = deltas(torch.zeros(1, 2, 2), 0)
    assert (found["delta.magnified"] == 128).all()
    assert (found["delta.true"] == 128).all()


def test_as_much_noise_is_no_noise_where_nothing_was_changed_and_does_next_to_nothing_where_little_was() -> None:
    trial = Trial(Victim(), targeted=False)
    clean = float(trial.clean.softmax(0)[trial.label])
    chances = trial.with_noise(torch.cat([trial.images, trial.images + 4 * LEVEL]), "linf")
    assert float(chances[0]) == pytest.approx(clean, abs=1e-6)
    assert float(chances[1]) == pytest.approx(clean, abs=0.01)  # which 4 levels of PGD take to below a tenth
