"""Regions and baselines: what LIME and SHAP switch off, and what stands there then."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from dlcore.topics.images.blur import blurred
from dlcore.topics.saliency.baselines import baseline
from dlcore.topics.saliency.regions import grid, partition
from dlcore.topics.saliency.settings import BASELINES, REGIONS, MethodSettings
from tests.topics.saliency.small_nets import pictures

HALVES = torch.zeros(3, 32, 32)
HALVES[0, :, :13] = 1  # red on the left


@pytest.mark.parametrize("kind", REGIONS)
@pytest.mark.parametrize("side", [8, 33, 64])
def test_every_pixel_is_in_one_region_and_no_number_is_left_out(kind: str, side: int) -> None:
    regions = partition(pictures(1, 3, side, seed=1)[0], kind, 40)
    assert regions.shape == (side, side)
    assert regions.unique().tolist() == list(range(int(regions.max()) + 1))
    assert 20 <= int(regions.max()) + 1 <= 48


@given(st.integers(1, 40), st.integers(1, 40), st.integers(2, 60))
def test_patches_are_rectangles_of_about_the_same_sides(height: int, width: int, num_regions: int) -> None:
    patches = grid(height, width, num_regions)
    assert patches.unique().tolist() == list(range(int(patches.max()) + 1))
    for number in patches.unique():
        rows, columns = (patches == number).nonzero(as_tuple=True)
        assert len(rows) == (rows.max() - rows.min() + 1) * (columns.max() - columns.min() + 1)
    sizes = patches.flatten().bincount()
    assert int(sizes.max()) <= 4 * int(sizes.min())


def test_superpixels_keep_to_the_edge_of_an_object() -> None:
    mixed = [0, 0]
    for number, kind in enumerate(REGIONS):
        regions = partition(HALVES, kind, 30)
        red = HALVES[0].bool()
        mixed[number] = len(set(regions[red].tolist()) & set(regions[~red].tolist()))
    superpixels, patches = mixed
    assert superpixels == 0
    assert patches >= 5


def test_superpixels_lie_together() -> None:
    """Even in noise a pixel and the middle of its region are closer than half the picture."""
    regions = partition(pictures(1, 3, 64, seed=3)[0], "superpixels", 40)
    for number in regions.unique():
        places = (regions == number).nonzero().float()
        assert (places - places.mean(dim=0)).norm(dim=1).max() < 32


def test_there_is_no_chance_in_them() -> None:
    image, state = pictures(1, 3, 32, seed=4)[0], torch.get_rng_state()
    assert torch.equal(partition(image, "superpixels", 20), partition(image, "superpixels", 20))
    assert torch.equal(state, torch.get_rng_state())


def test_a_blank_picture_has_regions_too() -> None:
    assert int(partition(torch.zeros(1, 8, 8), "superpixels", 16).max()) + 1 == 16


def test_more_regions_than_pixels_are_refused() -> None:
    with pytest.raises(ValueError, match="num_regions is 65: the picture has only 64 pixels"):
        partition(torch.zeros(1, 8, 8), "patches", 65)


@pytest.mark.parametrize("name", BASELINES)
def test_a_baseline_has_the_shape_of_the_pictures_and_pixels_from_0_to_1(name: str) -> None:
    images = pictures(3, 3, 16, seed=1)
    found = baseline(images, MethodSettings(baseline=name))
    assert found.shape == images.shape
    assert float(found.min()) >= 0
    assert float(found.max()) <= 1
    assert torch.equal(found, baseline(images, MethodSettings(baseline=name)))


def test_noise_is_the_seeds_and_the_same_for_all_pictures() -> None:
    images = pictures(2, 3, 16, seed=1)
    one, other = (baseline(images, MethodSettings(baseline="noise", seed=seed)) for seed in (0, 1))
    assert not torch.equal(one, other)
    assert torch.equal(one[0], one[1])
    assert float(one.mean()) == pytest.approx(0.5, abs=0.05)


def test_a_blur_is_a_gaussian() -> None:
    """Far from the border it is Pillow's, which is made of boxes and so close, not equal."""
    image = pictures(1, 1, 64, seed=2)
    theirs = Image.fromarray((255 * image[0, 0]).round().byte().numpy()).filter(ImageFilter.GaussianBlur(3))
    mine = blurred(image, 3.0)[0, 0]
    expected = torch.tensor(list(theirs.tobytes())).reshape(64, 64) / 255
    assert (mine - expected)[16:-16, 16:-16].abs().max() < 0.02


def test_a_blur_keeps_what_is_uniform_and_loses_what_is_fine() -> None:
    assert torch.allclose(blurred(torch.full((1, 3, 20, 12), 0.3), 4.0), torch.tensor(0.3))
    fine = pictures(1, 3, 64, seed=5)
    assert float(blurred(fine, 8.0).std()) < 0.05 * float(fine.std())
