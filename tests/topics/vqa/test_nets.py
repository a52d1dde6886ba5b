"""What goes through the networks: shapes, order of words, padding, attention, and slopes back to pixels and words."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from dlcore.device import generator
from dlcore.topics.vqa.fusions import FUSIONS
from dlcore.topics.vqa.nets import CELLS, CHANNELS, HIDDEN, SIZE, Answerer, Backbone, floats, fresh, lengths, placed

WORDS, ANSWERS = 30, 11
READING = [key for key, fusion in FUSIONS.items() if fusion.reads]
SEEING = [key for key, fusion in FUSIONS.items() if fusion.sees]


def net(key: str = "product", seed: int = 0) -> Answerer:
    return fresh(key, WORDS, ANSWERS, seed).eval()


def inputs(batch: int = 5, words: int = 6, seed: int = 1) -> tuple[Tensor, Tensor]:
    chances = generator(seed)
    features = torch.randn(batch, CHANNELS, CELLS, CELLS, generator=chances)
    return features, torch.randint(1, WORDS, (batch, words), generator=chances)


@pytest.mark.parametrize("key", FUSIONS)
def test_parts_have_the_shapes_that_are_announced(key: str) -> None:
    fusion, parts = FUSIONS[key], net(key).parts(*inputs())
    assert parts.logits.shape == (5, ANSWERS)
    assert parts.hidden.shape == (5, 6, HIDDEN if fusion.reads else 0)
    assert parts.q.shape == (5, SIZE if fusion.reads else 0)
    assert parts.v.shape == (5, SIZE if fusion.sees else 0)
    assert (parts.attention is not None) == fusion.attends
    for vector in (parts.v, parts.q):
        assert (vector.abs() < 1).all()


@pytest.mark.parametrize("key", FUSIONS)
def test_many_questions_about_few_pictures_have_the_scores_of_each_alone(key: str) -> None:
    asked = net(key)
    features, ids = inputs()
    scene, query = torch.tensor([0, 0, 2, 4, 4, 1]), torch.tensor([3, 1, 1, 0, 4, 2])
    apart = torch.cat([asked(features[[s]], ids[[q]]) for s, q in zip(scene.tolist(), query.tolist(), strict=True)])
    assert torch.allclose(asked.pairs(features, ids, scene, query), apart, atol=1e-5)


@pytest.mark.parametrize("key", READING)
@given(num=st.integers(0, 6), more=st.integers(0, 4))
def test_padding_changes_nothing(key: str, num: int, more: int) -> None:
    asked, (features, ids) = net(key), inputs(batch=1)
    short = ids[:, :num]
    long = torch.cat([short, torch.zeros(1, more, dtype=torch.int64)], dim=1)
    assert lengths(long).tolist() == [num]
    assert torch.allclose(asked(features, long), asked(features, short), atol=1e-6)


def test_a_question_without_words_leaves_the_first_state() -> None:
    asked, (features, ids) = net(), inputs()
    asked.question.bias.data.normal_(generator=generator(3))  # pyright: ignore[reportOptionalMemberAccess]
    q = asked.parts(features, 0 * ids).q
    assert torch.allclose(q, torch.tanh(asked.question.bias).expand_as(q))  # pyright: ignore[reportOptionalMemberAccess]


def test_the_state_after_each_word_is_that_of_the_question_so_far() -> None:
    """All beginnings of a question as one batch: the last state of each is the state on the way of the whole."""
    asked, (features, ids) = net(), inputs(batch=1)
    beginnings = ids.expand(7, -1).tril(-1)  # row k has the first k words
    whole, parts = asked.parts(features, ids), asked.parts(features.expand(7, -1, -1, -1), beginnings)
    for k in range(1, 7):
        assert torch.allclose(parts.hidden[k, k - 1], whole.hidden[0, k - 1], atol=1e-6)
    assert torch.allclose(parts.q[6], whole.q[0], atol=1e-6)


@given(first=st.integers(0, 4), second=st.integers(0, 4), seed=st.integers(0, 50))
def test_the_order_of_different_words_matters(first: int, second: int, seed: int) -> None:
    features, ids = inputs(batch=1, seed=seed)
    turned = ids.clone()
    turned[0, [first, second]] = ids[0, [second, first]]
    same = torch.equal(turned, ids)
    assert torch.allclose(net().parts(features, turned).q, net().parts(features, ids).q, atol=1e-7) is same


def test_the_gru_obeys_its_equations() -> None:
    """Cho et al. (2014), with torch's reset gate inside the tanh, written out in numbers."""
    asked, (features, ids) = net(), inputs(batch=1, words=3)
    gru, embedding = asked.gru, asked.embedding
    assert gru is not None
    assert embedding is not None
    state, weights = torch.zeros(HIDDEN), dict(gru.named_parameters())
    for word in embedding.weight[ids[0]]:
        given_ = weights["weight_ih_l0"] @ word + weights["bias_ih_l0"]
        kept = weights["weight_hh_l0"] @ state + weights["bias_hh_l0"]
        (r_w, z_w, n_w), (r_h, z_h, n_h) = given_.chunk(3), kept.chunk(3)
        z = torch.sigmoid(z_w + z_h)
        new = torch.tanh(n_w + torch.sigmoid(r_w + r_h) * n_h)
        state = (1 - z) * new + z * state
    assert torch.allclose(asked.parts(features, ids).hidden[0, -1], state, atol=1e-6)


# Attention


def test_each_glimpse_is_a_share_of_every_cell() -> None:
    attention = net("attention").parts(*inputs()).attention
    assert attention is not None
    assert attention.shape[2:] == (CELLS, CELLS)
    assert (attention > 0).all()
    assert torch.allclose(attention.sum(dim=(2, 3)), torch.ones(attention.shape[:2]))


def test_attention_depends_on_the_question_and_moves_with_the_picture() -> None:
    asked, (features, ids) = net("attention"), inputs(batch=2)
    one, other = (asked.parts(features[[0]], ids[[row]]).attention for row in (0, 1))
    assert one is not None
    assert other is not None
    assert not torch.allclose(one, other, atol=1e-4)
    blank = torch.zeros_like(features[[0]])
    assert asked.attention is not None
    asked.attention.of_cell.weight.data[:, CHANNELS:] = 0  # then a cell's place means nothing
    blank[0, :, 1, 4] = 3
    moved = blank.roll((2, -3), (2, 3))
    here, there = (asked.parts(of, ids[[0]]).attention for of in (blank, moved))
    assert here is not None
    assert there is not None
    assert torch.allclose(here.roll((2, -3), (2, 3)), there, atol=1e-6)


def test_cells_know_their_places() -> None:
    cells = placed(torch.zeros(1, CHANNELS, CELLS, CELLS)).unflatten(1, (CELLS, CELLS))[0]
    assert cells[0, 0, -2:].tolist() == [-1, -1]
    assert cells[0, -1, -2:].tolist() == [1, -1]  # right, up
    assert cells[-1, 0, -2:].tolist() == [-1, 1]


# The first weights, and slopes


@pytest.mark.parametrize("key", FUSIONS)
def test_equal_seeds_give_equal_networks_and_others_do_not(key: str) -> None:
    one, two, other = (net(key, seed).state_dict() for seed in (4, 4, 5))
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not all(torch.equal(one[name], other[name]) for name in one)


def test_the_first_weights_leave_numbers_large_enough_to_learn_from() -> None:
    """As torch draws them the question's vector has a standard deviation of 0.08, and its product with v of 0.03."""
    parts = net().parts(*inputs(batch=200))
    assert 0.3 < parts.q.std() < 0.8
    assert 0.3 < parts.v.std() < 0.8
    assert parts.fused.std() > 0.12


def test_dropout_draws_from_its_own_generator_and_keeps_the_mean() -> None:
    features, ids = inputs(batch=40)
    runs = [fresh("add", WORDS, ANSWERS, seed, dropout=0.5) for seed in (0, 0)]
    torch.rand(3)  # what others draw changes nothing
    one, two = (run(features, ids) for run in runs)
    assert torch.equal(one, two)
    assert not torch.equal(one, runs[0](features, ids))
    dropped = runs[0].classifier[0](torch.ones(400, 500))
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert dropped.mean().item() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("key", READING)
def test_slopes_reach_the_words_and_no_other_row(key: str) -> None:
    asked, (features, ids) = net(key), inputs(batch=3)
    assert asked.embedding is not None
    words = asked.embedding(ids).detach().requires_grad_()
    asked.parts_of(features, words, lengths(ids)).logits[1].square().sum().backward()
    assert words.grad is not None
    assert (words.grad[1].abs().sum(dim=1) > 0).all()
    assert words.grad[[0, 2]].abs().max() == 0


@pytest.mark.parametrize("key", SEEING)
def test_slopes_reach_every_pixel(key: str) -> None:
    backbone = Backbone().eval()
    images = torch.rand(1, 3, 96, 96, generator=generator(0)).requires_grad_()
    net(key)(backbone(images), inputs(batch=1)[1]).square().sum().backward()
    assert images.grad is not None
    assert (images.grad.abs().sum(dim=1) > 0).all()


def test_a_blind_network_answers_alike_about_all_pictures_and_a_deaf_one_to_all_questions() -> None:
    features, ids = inputs(batch=4)
    blind, deaf = net("blind"), net("deaf")
    assert torch.equal(blind(features, ids[[0] * 4]), blind(features.flip(0), ids[[0] * 4]))
    assert torch.equal(deaf(features, ids), deaf(features, ids.flip(0)))


# The backbone


def test_the_backbone_sees_cells_of_sixteen_pixels() -> None:
    """A change of one pixel changes its own cell; cells far away do not see it at all."""
    backbone = Backbone().eval()
    images = torch.rand(2, 3, 96, 96, generator=generator(0))
    images[1] = images[0]
    images[1, :, 8, 88] = 1 - images[1, :, 8, 88]
    with torch.no_grad():
        change = (backbone(images[:1]) - backbone(images[1:])).abs().sum(dim=1)[0]
    assert change.shape == (CELLS, CELLS)
    assert change[0, 5] > 0
    assert change[3:].max() == 0
    assert change[:, :2].max() == 0


def test_bytes_become_numbers_from_0_to_1_with_colours_first() -> None:
    images = torch.zeros(1, 96, 96, 3, dtype=torch.uint8)
    images[0, 2, 5] = torch.tensor([255, 51, 0])
    assert floats(images)[0, :, 2, 5].tolist() == pytest.approx([1, 0.2, 0])
    assert floats(images).sum().item() == pytest.approx(1.2)


def test_no_part_of_the_networks_works_in_place() -> None:
    for network in (Backbone(), *(net(key) for key in FUSIONS)):
        assert not any(part.inplace for part in network.modules() if isinstance(part, nn.ReLU))
