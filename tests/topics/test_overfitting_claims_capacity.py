"""What the scenes say of width and number of samples is what the map shows, over eight seeds, and two more eights."""

import dataclasses
from functools import cache

import numpy as np
import pytest

from dlcore.topics.capacity import CapacityConfig, frames, map_of
from tests.topics.overfitting_claims import SEEDS, answer, claim, config_of, says

each_eight = pytest.mark.parametrize("seed", SEEDS)


@cache
def errors(config: CapacityConfig, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Test and training error by width, (widths,) each, of one column of the map."""
    *_, last = frames(dataclasses.replace(config, sizes=(size,)))
    return np.ravel(last.arrays["test"]), np.ravel(last.arrays["train"])


@claim("capacity")
@each_eight
def test_a_middle_width_is_best_with_wrong_labels(seed: int) -> None:
    config = map_of(config_of("capacity", seed))
    assert config == CapacityConfig(seed=seed)
    widths = np.array(config.widths)
    test, train = errors(config, 80)
    assert widths[test.argmin()] in (4, 8)
    assert 15 < test[0] < 16
    assert 10 < test.min() < 14
    assert 18 < test[-1] < 21.2
    assert (np.diff(test[test.argmin() :]) > -1.5).all()  # it never comes down again by more than the noise of a mean
    assert (np.diff(train) <= 0).all()
    more, _ = errors(dataclasses.replace(config, widths=(16,)), 320)
    assert 17 < test[widths == 16].item() < 21
    assert more.item() == pytest.approx(8, abs=0.5)
    assert answer("capacity") == "4 or 8 units"
    says("capacity", "15–16% wrong", "10–14%", "18–21%", "17–21% at 80 samples, 8% at 320")


@claim("capacity-clean")
@each_eight
def test_too_wide_hardly_hurts_with_clean_labels(seed: int) -> None:
    config = map_of(config_of("capacity-clean", seed))
    assert config.label_noise == 0
    test, _ = errors(config, 80)
    noisy, _ = errors(map_of(config_of("capacity", seed)), 80)
    assert 1 < test[-1] - test.min() < 2.5
    assert 8 < test[-1] < 10
    assert 6 < test.min() < 9
    assert 14.5 < test[0] < 15.5
    np.testing.assert_allclose(test[:2], noisy[:2], atol=1.5)
    assert noisy[-1] - noisy.min() > 6
    assert answer("capacity-clean") == "1 or 2 points"
    says("capacity-clean", "8–10% wrong", "6–9%", "1 unit has 15%")
