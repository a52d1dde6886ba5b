"""The training loop of answerers: what a batch is, that it learns and repeats, and what it does when it diverges."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from dlcore.device import generator
from dlcore.topics.vqa import heads
from dlcore.topics.vqa.heads import HeadConfig, HeadRun, Pairs, answers, joined, padded
from dlcore.topics.vqa.mirrors import Mirror
from dlcore.topics.vqa.nets import CELLS, CHANNELS, fresh

QUICK = HeadConfig(num_steps=60, batch_size=8, dropout=0.0, forgotten=0.0, lr=1e-2)
WORDS, ANSWERS = 5, 4


def pairs(num_scenes: int = 24, seed: int = 0) -> Pairs:
    """Question "2 a" asks for the sign of map 0, "3 a" for that of map 1, "2 b" and "3 b" for the opposite."""
    chances = generator(seed)
    signs = 2.0 * torch.randint(2, (num_scenes, 2), generator=chances) - 1
    features = torch.randn(num_scenes, CHANNELS, CELLS, CELLS, generator=chances) / 4
    features[:, :2] += signs[:, :, None, None]
    ids = torch.tensor([[2, 4], [3, 4], [2, 0], [3, 0]])
    counts = torch.randint(1, 5, (num_scenes,), generator=chances)
    scene = torch.arange(num_scenes).repeat_interleave(counts)
    query = torch.cat([torch.randperm(4, generator=chances)[:count] for count in counts.tolist()])
    asked = signs[scene, query % 2] * torch.where(query < 2, 1, -1)
    return Pairs(features, ids, scene, query, (asked > 0).long(), query // 2)


def rows(of: Pairs) -> list[tuple[Tensor, list[int], int, int]]:
    return [
        (of.features[scene], of.ids[query].tolist(), answer, kind)
        for scene, query, answer, kind in zip(*(values.tolist() for values in of[2:]), strict=True)
    ]


@given(seed=st.integers(0, 1000), num=st.integers(1, 24))
def test_a_part_has_all_questions_of_its_pictures_and_no_others(seed: int, num: int) -> None:
    whole = pairs(seed=seed)
    chosen = torch.randperm(24, generator=generator(seed))[:num]
    found = rows(whole.about(chosen).condensed())
    wanted = [row for scene in chosen for row, of in zip(rows(whole), whole.scene, strict=True) if of == scene]
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert torch.equal(one[0], other[0])
        assert one[1:] == other[1:]


def test_joined_parts_are_the_whole() -> None:
    whole = pairs()
    again = joined([whole.about(torch.arange(5)), whole.about(torch.arange(5, 6)), whole.about(torch.arange(6, 24))])
    assert all(torch.equal(one, other) for one, other in zip(whole, again, strict=True))


def test_the_mirror_turns_the_picture_the_question_and_the_answer() -> None:
    mirror = Mirror(3, torch.tensor([1, 0, 2, 3]), torch.tensor([0, 1, 3, 2]))
    whole = pairs()._replace(answer=torch.full_like(pairs().answer, 2))
    turned = whole.inside(mirror)
    assert torch.equal(turned.features[..., 0], whole.features[..., -1])
    assert torch.equal(turned.query == 0, whole.query == 1)
    assert (turned.answer == 3).all()
    back = turned.inside(mirror)
    assert all(torch.equal(one, other) for one, other in zip(whole, back, strict=True))


def test_half_of_the_batches_are_mirrored() -> None:
    whole = pairs(num_scenes=8)
    edge = whole.features.clone()
    edge[..., 0], edge[..., -1] = 1, -1
    mirror = Mirror(3, torch.arange(4), torch.arange(ANSWERS))
    run = HeadRun(QUICK, WORDS, ANSWERS, (mirror,))
    turned = [bool((run._batch(whole._replace(features=edge)).features[..., 0] < 0).all()) for _ in range(200)]
    assert 70 <= sum(turned) <= 130


@pytest.mark.parametrize("fusion", ["product", "mutan", "mcb", "attention"])
def test_it_learns_what_needs_both_the_picture_and_the_question(fusion: str) -> None:
    run = HeadRun(replace(QUICK, fusion=fusion), WORDS, ANSWERS)
    first = run.first(pairs())
    updates = [run.update(pairs()) for _ in range(QUICK.num_steps)]
    assert first.loss > 1
    assert updates[-1].loss < 0.1
    fresh_ones = pairs(seed=9)
    assert (answers(run.net, fresh_ones) == fresh_ones.answer).double().mean() >= 0.95


@pytest.mark.parametrize("fusion", ["blind", "deaf"])
def test_one_side_alone_does_not_get_there(fusion: str) -> None:
    run = HeadRun(replace(QUICK, fusion=fusion), WORDS, ANSWERS)
    for _ in range(QUICK.num_steps):
        run.update(pairs(num_scenes=200))
    fresh_ones = pairs(num_scenes=200, seed=9)
    assert (answers(run.net, fresh_ones) == fresh_ones.answer).double().mean() < 0.6


def test_the_same_settings_give_the_same_network_whatever_others_draw() -> None:
    config = replace(QUICK, dropout=0.3, forgotten=0.2, num_steps=5)
    runs = [HeadRun(config, WORDS, ANSWERS) for _ in range(2)]
    for run in runs:
        for _ in range(5):
            run.update(pairs())
            torch.rand(1)
    one, two = (run.net.state_dict() for run in runs)
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_an_update_is_adamws_with_a_shortened_gradient() -> None:
    """Written out once more with torch alone, for the first step, whose rate is a 25th of the highest."""
    run = HeadRun(replace(QUICK, batch_size=24, weight_decay=0.1), WORDS, ANSWERS)
    net = fresh("product", WORDS, ANSWERS, QUICK.seed, dropout=0.0)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2 / 25, weight_decay=0.1)
    data = pairs()
    F.cross_entropy(net.pairs(*data[:4]), data.answer).backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    optimizer.step()
    run.update(data)
    for one, other in zip(run.net.parameters(), net.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-5)


def test_a_forgotten_word_is_unknown_and_padding_is_not_forgotten() -> None:
    run = HeadRun(replace(QUICK, forgotten=0.5), WORDS, ANSWERS)
    ids = torch.tensor([[2, 3, 0, 0]]).expand(1000, 4)
    forgotten = run._forgetting(ids)
    assert set(forgotten[:, 0].tolist()) == {1, 2}
    assert (forgotten[:, :2] == 1).double().mean().item() == pytest.approx(0.5, abs=0.05)
    assert (forgotten[:, 2:] == 0).all()


def test_a_run_that_diverges_stays_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "LARGEST", 3.0)
    run = HeadRun(replace(QUICK, lr=5.0), WORDS, ANSWERS)
    before = [value.clone() for value in run.net.parameters()]
    update = run.update(pairs())
    while not update.diverged and update.step < QUICK.num_steps:
        before = [value.clone() for value in run.net.parameters()]
        update = run.update(pairs())
    assert update.diverged == (update.step + 1, "weights")
    assert all(torch.equal(one, other) for one, other in zip(before, run.net.parameters(), strict=True))


def test_nan_is_the_loss_that_left_first() -> None:
    run = HeadRun(QUICK, WORDS, ANSWERS)
    broken = pairs()
    broken.features[0] = torch.nan
    update = run.update(broken.about(torch.arange(4)))
    assert update.diverged == (1, "loss")
    assert all(value.isfinite().all() for value in run.net.parameters())


def test_questions_of_different_lengths_are_padded_behind() -> None:
    assert padded([(3,), (), (1, 2, 3)]).tolist() == [[3, 0, 0], [0, 0, 0], [1, 2, 3]]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fusion", "glue"),
        ("num_steps", 0),
        ("batch_size", 0),
        ("lr", 0.0),
        ("dropout", 1.0),
        ("forgotten", -0.1),
        ("seed", -1),
    ],
)
def test_bad_settings_are_refused(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        replace(QUICK, **{field: value})
