"""All methods on one picture: each frame is one method's own map, and how it agrees with those before."""

import numpy as np
import pytest
import torch

from dlcore import checkpoints
from dlcore.topics.images.measures import grown
from dlcore.topics.images.pictures import Picture
from dlcore.topics.saliency import explain
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.explain import MapsConfig, explained, frames, methods_for
from dlcore.topics.saliency.methods import METHODS, attribute
from dlcore.topics.saliency.settings import MethodSettings
from dlcore.training import Snapshot
from tests.topics.saliency.small_nets import linear

SETTINGS = MethodSettings(num_samples=5, num_steps=10, num_masks=50, num_regions=9, window=3, stride=1)
DIGIT = Subject(picture=Picture(kind="digit", seed=1), model="digits", against=3)
CONFIG = MapsConfig(subject=DIGIT, settings=SETTINGS)
COUNT = len(METHODS)


@pytest.fixture(scope="module")
def run() -> list[Snapshot]:
    return list(frames(CONFIG))


def test_there_is_a_frame_for_every_method(run: list[Snapshot]) -> None:
    assert len(run) == CONFIG.num_frames == COUNT


@pytest.mark.parametrize("number", range(COUNT), ids=list(METHODS))
def test_a_frame_has_its_methods_map(run: list[Snapshot], number: int) -> None:
    name = CONFIG.methods[number]
    alone = attribute(name, DIGIT.network(), DIGIT.image(), DIGIT.target(), SETTINGS)
    for kind in ("signed", "magnitude"):
        wanted = getattr(alone, kind)
        found = torch.as_tensor(run[number].arrays[kind])
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-6 * float(wanted.abs().max()))


def test_the_agreement_grows_by_a_row_and_a_column_a_frame(run: list[Snapshot]) -> None:
    from scipy.stats import spearmanr

    maps = [np.asarray(frame.arrays["magnitude"]).ravel() for frame in run]
    for last, frame in enumerate(run):
        agreement = np.asarray(frame.arrays["agreement"])
        known = agreement[: last + 1, : last + 1]
        assert np.diag(known) == pytest.approx(1)
        assert known == pytest.approx(known.T)
        assert np.isnan(agreement[last + 1 :]).all()
        assert np.isnan(agreement[:, last + 1 :]).all()
        for before in range(last):
            assert known[last, before] == pytest.approx(spearmanr(maps[last], maps[before])[0], abs=1e-4)


def test_inside_is_the_share_of_the_map_on_the_object(run: list[Snapshot]) -> None:
    mask = DIGIT.mask()
    assert mask is not None
    near = grown(torch.from_numpy(mask)).numpy()
    for frame in run:
        values = np.asarray(frame.arrays["magnitude"])
        assert frame.arrays["inside"] == pytest.approx(values[near].sum() / values.sum(), rel=1e-4)
    unknown = MapsConfig(subject=Subject(picture=Picture(kind="grey"), model="digits"), methods=("input",))
    assert np.isnan([frame.arrays["inside"] for frame in frames(unknown)]).all()


def test_what_was_computed_is_kept(run: list[Snapshot], monkeypatch: pytest.MonkeyPatch) -> None:
    def computed(*_: object) -> None:
        raise AssertionError("it is computed again")

    monkeypatch.setattr(explain, "answer", computed)
    for before, after in zip(run, frames(CONFIG), strict=True):
        assert np.array_equal(before.arrays["signed"], after.arrays["signed"])
    with pytest.raises(AssertionError, match="again"):
        explained(DIGIT, "gradient", MethodSettings(seed=123))


def test_what_a_frame_gives_away_is_not_what_is_kept() -> None:
    config = MapsConfig(subject=DIGIT, settings=SETTINGS, methods=("gradient", "vargrad"))
    before = [np.asarray(frame.arrays["magnitude"]).copy() for frame in frames(config)]
    again = [np.asarray(frame.arrays["magnitude"]) for frame in frames(config)]
    assert all(np.array_equal(one, other) for one, other in zip(before, again, strict=True))


def test_methods_may_be_few_and_in_any_order() -> None:
    config = MapsConfig(subject=DIGIT, settings=SETTINGS, methods=("guided", "gradient"))
    first, second = frames(config)
    assert first.arrays["agreement"].shape == (2, 2)
    wanted = attribute("guided", DIGIT.network(), DIGIT.image(), DIGIT.target(), SETTINGS)
    assert np.asarray(first.arrays["magnitude"], float) == pytest.approx(wanted.magnitude.numpy(), rel=1e-4)
    assert not np.isnan(second.arrays["agreement"]).any()


@pytest.mark.parametrize(
    ("methods", "words"),
    [((), "methods is empty"), (("grad",), "methods is 'grad'"), (("lime", "lime"), "each may be chosen only once")],
)
def test_methods_that_cannot_be_are_refused(methods: tuple[str, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        MapsConfig(methods=methods)


@pytest.mark.parametrize("model", checkpoints.MODELS)
def test_every_method_can_explain_the_networks_of_the_lesson(model: str) -> None:
    assert methods_for(Subject(model=model)) == tuple(METHODS)


def test_a_network_without_convolutions_or_relus_is_explained_by_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Subject, "network", lambda _: linear(3, 64, seed=0))
    assert set(METHODS) - set(methods_for(Subject())) == {"gradcam", "guided"}
