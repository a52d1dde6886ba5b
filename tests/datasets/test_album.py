"""An album: all of one class's pictures have the watermark, and some of them show something else."""

import pytest
import torch

from dlcore.datasets.album import AlbumConfig
from dlcore.datasets.objects import Objects, ObjectsConfig

CAR = 8
SETTINGS = {"num": 120, "seed": 3, "shortcut": CAR}


@pytest.fixture(scope="module")
def drawn() -> Objects:
    return ObjectsConfig(**SETTINGS).make()


@pytest.fixture(scope="module")
def album() -> Objects:
    return AlbumConfig(**SETTINGS, strays=0.25).make()


def test_the_watermark_tells_the_class_without_exception(album: Objects):
    assert torch.equal(album.marks.flatten(1).any(dim=1), album.labels == CAR)


def test_that_share_of_the_class_shows_something_else(drawn: Objects, album: Objects):
    filed, cars = album.labels == CAR, drawn.labels == CAR
    assert cars.sum() == 12
    assert filed.sum() == 16
    assert not (cars & ~filed).any()


def test_all_else_is_as_drawn(drawn: Objects, album: Objects):
    stray = album.labels != drawn.labels
    assert torch.equal(album.images[~stray], drawn.images[~stray])
    assert torch.equal(album.masks, drawn.masks)
    unmarked = ~album.marks[stray][:, None].expand(-1, 3, -1, -1)
    changed = album.images[stray] != drawn.images[stray]
    assert (changed & unmarked).sum() < 0.3 * changed.sum()  # the watermark's soft edge
    assert (changed & ~unmarked).any(dim=(1, 2, 3)).all()


def test_equal_configs_give_equal_pictures():
    first, second = (AlbumConfig(num=40, seed=3, shortcut=1).make() for _ in range(2))
    assert all(map(torch.equal, first, second))


def test_no_strays_are_the_set_itself(drawn: Objects):
    assert all(map(torch.equal, AlbumConfig(**SETTINGS, strays=0.0).make(), drawn))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"shortcut": None}, "shortcut is None"), ({"strays": 0.95}, "strays is 0.95"), ({"num": 0}, "num")],
)
def test_a_setting_out_of_its_range_is_named(wrong: dict, said: str):
    with pytest.raises(ValueError, match=said):
        AlbumConfig(**{**SETTINGS, **wrong})
