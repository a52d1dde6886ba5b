"""What is explained: the question that a subject stands for, and what cannot be asked."""

import numpy as np
import pytest
import torch

from dlcore import checkpoints, imagenet
from dlcore.topics.images.pictures import Picture
from dlcore.topics.images.shown import models
from dlcore.topics.images.targets import Target
from dlcore.topics.saliency.config import Subject


def likeliest(subject: Subject, place: int) -> int:
    """The class in this place of the network's answer, 0 the first."""
    return int(subject.logits().argsort(descending=True)[place])


@pytest.mark.parametrize("model", checkpoints.MODELS)
def test_a_network_gets_the_picture_from_0_to_1_in_its_own_shape(model: str) -> None:
    subject = Subject(model=model, picture=Picture(kind="photo"))
    image = subject.image()
    assert tuple(image.shape) == subject.shape
    assert 0 <= image.min() < image.max() <= 1
    assert (image * 255).permute(1, 2, 0).numpy() == pytest.approx(subject.bytes())


@pytest.mark.parametrize("model", ["plain", "digits"])
def test_the_answer_is_the_networks_for_this_picture_alone(model: str) -> None:
    subjects = [Subject(model=model, picture=Picture(seed=seed)) for seed in range(3)]
    together = subjects[0].network()(torch.stack([subject.image() for subject in subjects]))
    for subject, logits in zip(subjects, together, strict=True):
        torch.testing.assert_close(subject.logits(), logits, rtol=1e-4, atol=1e-4)
        assert len(logits) == len(subject.classes)
    assert not subjects[0].logits().requires_grad


def test_unless_a_class_is_asked_for_the_answer_is_explained() -> None:
    subject = Subject()
    assert subject.target() == Target(likeliest(subject, 0))
    assert Subject(label=4).target() == Target(4)
    assert float(Subject(label=4).score()) == float(subject.logits()[4])


def test_a_comparison_is_a_difference_of_logits() -> None:
    subject = Subject(label=4, against=1)
    assert subject.target() == Target(4, 1)
    assert float(subject.score()) == pytest.approx(float(subject.logits()[4] - subject.logits()[1]), rel=1e-5)


def test_where_the_answer_is_what_is_compared_with_the_runner_up_is_explained() -> None:
    answer, second = likeliest(Subject(), 0), likeliest(Subject(), 1)
    assert Subject(against=answer).target() == Target(second, answer)
    assert Subject(against=second).target() == Target(answer, second)
    assert float(Subject(against=answer).score()) < 0


def test_what_is_painted_is_part_of_what_is_explained() -> None:
    plain, painted = Subject(), Subject(picture=Picture(strokes="grey 20: 32,32"))
    assert plain != painted
    assert not torch.equal(plain.logits(), painted.logits())
    mask, same = plain.mask(), painted.mask()
    assert mask is not None
    assert same is not None
    assert np.array_equal(mask, same)  # the object is where it was


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"model": "alexnet"}, "model is 'alexnet': it must be one of plain"),
        ({"label": 10}, "label is 10: it must be a whole number from 0 to 9"),
        ({"against": -1}, "against is -1"),
        ({"label": 2, "against": 2}, "The class is compared with itself, ring"),
        ({"label": 7, "against": 7, "model": "digits"}, "compared with itself, 7"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_sentence(values: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Subject(**values)  # type: ignore[arg-type]


def test_networks_can_be_asked_where_they_are_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imagenet, "choices", lambda: {"resnet18": "", "vit_b_16": "There are no weights."})
    monkeypatch.setattr(imagenet, "classes", lambda _: ("tench", "goldfish"))
    assert models() == (*checkpoints.MODELS, "resnet18")
    assert Subject(model="resnet18", label=1).shape == (3, 224, 224)
    with pytest.raises(ValueError, match="model is 'vit_b_16'"):
        Subject(model="vit_b_16")
