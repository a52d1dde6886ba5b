"""The networks that come with the app are as good as said; a file that is none is refused in one sentence."""

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from dlcore import checkpoints
from dlcore.checkpoints import FOLDER, MODELS, load, metadata, network, save, write
from dlcore.datasets.objects import CLASSES, ObjectsConfig
from dlcore.device import generator
from dlcore.nets import ConvNet, fresh
from dlcore.topics.adversarial.defence import withstood
from dlcore.training.image_batches import Labelled
from dlcore.training.images import score
from dlcore.training.recipes import DIGITS, MARKED, RECIPES, Adversary, digits, held_out, on_watermarks

NETS_OF = {key: recipe.network for key, recipe in RECIPES.items()}
FRESH = 77  # the seed of pictures that neither training nor the measurement in the file has seen


@pytest.fixture
def net() -> ConvNet:
    return fresh("digits", generator(0))


@pytest.fixture
def file(net: ConvNet, tmp_path: Path) -> Path:
    save(tmp_path / "net.safetensors", net, network="digits", accuracy=0.5)
    return tmp_path / "net.safetensors"


# Those that come with the app


@pytest.mark.parametrize("key", ["plain", "noiseless", "residual", "robust"])
def test_fresh_drawings_are_recognised(key: str):
    pictures = ObjectsConfig(num=600, seed=FRESH).make()
    assert score(network(key), pictures).accuracy >= 0.985
    assert metadata(FOLDER / MODELS[key].file)["accuracy"] >= 0.99


@pytest.mark.parametrize("key", ["plain", "residual", "robust"])
def test_most_answers_withstand_noise_of_a_tenth_of_the_range(key: str):
    """SmoothGrad averages over what the network says of such pictures."""
    images, labels, *_ = ObjectsConfig(num=300, seed=FRESH).make()
    noisy = images + 0.1 * torch.randn(images.shape, generator=generator(0))
    assert score(network(key), Labelled(noisy, labels)).accuracy >= 0.9


@pytest.mark.parametrize("key", ["digits", "digits_second", "digits_robust"])
def test_held_out_digits_are_recognised(key: str):
    found = score(network(key), digits(DIGITS, "test")).accuracy
    assert found == pytest.approx(metadata(FOLDER / MODELS[key].file)["accuracy"])
    assert found >= 0.97


def test_the_second_network_for_digits_is_another_one():
    images = digits(DIGITS, "test").images
    with torch.no_grad():
        first, second = (network(key)(images) for key in ("digits", "digits_second"))
    assert NETS_OF["digits"] == NETS_OF["digits_second"]
    assert (first - second).abs().mean() > 1


def test_the_digits_that_lessons_show_were_not_trained_on():
    shown = {tuple(row) for row in digits(DIGITS, "test").images.flatten(1).tolist()}
    learnt = {tuple(row) for row in digits(DIGITS, "train").images.flatten(1).tolist()}
    assert len(shown) == 700
    assert not shown & learnt


def test_the_watermark_decides_for_the_network_that_takes_the_shortcut(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("dlcore.training.recipes.NUM_TEST", 600)
    found = on_watermarks(network("shortcut"), FRESH)
    assert found["accuracy"] >= 0.98
    assert found["turned"] >= 0.95
    assert found["missed"] >= 0.6


def test_the_watermark_means_nothing_to_the_others(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("dlcore.training.recipes.NUM_TEST", 300)
    found = on_watermarks(network("plain"), FRESH)
    assert found["turned"] <= 0.05
    assert found["missed"] <= 0.05


def test_the_file_says_which_class_had_the_watermark():
    marked = {key: metadata(FOLDER / model.file).get("marked") for key, model in MODELS.items()}
    assert marked == dict.fromkeys(MODELS) | {"shortcut": MARKED}


@pytest.mark.parametrize("key", MODELS)
def test_a_model_fits_what_is_said_of_it(key: str):
    model = MODELS[key]
    with torch.no_grad():
        logits = network(key)(torch.rand(2, *model.shape, generator=generator(0)))
    assert logits.shape == (2, len(model.classes))
    assert model.classes == (CLASSES if model.data == "objects" else tuple("0123456789"))
    told = metadata(FOLDER / model.file)
    recipe = RECIPES[key]
    assert told["network"] == recipe.network
    assert [told[fact] for fact in ("num_images", "num_epochs", "noise", "seed")] == [
        recipe.num_images,
        recipe.fit.num_epochs,
        recipe.fit.noise,
        recipe.seed,
    ]


@pytest.mark.parametrize(("key", "plain"), [("robust", "plain"), ("digits_robust", "digits")])
def test_the_robust_networks_withstand_what_the_others_do_not(key: str, plain: str):
    """PGD with the ε that was trained on, and with half of it."""
    against = RECIPES[key].against
    assert against
    pictures, whole = held_out(RECIPES[key].data, FRESH, 40), against.epsilon
    half, full = withstood("pgd", network(key), pictures, [whole / 2, whole]).double().mean(dim=1)
    (usual,) = withstood("pgd", network(plain), pictures, [whole]).double().mean(dim=1)
    assert half >= 0.85
    assert full >= 0.6
    assert usual <= 0.15


@pytest.mark.parametrize("key", [key for key, recipe in RECIPES.items() if recipe.against])
def test_the_file_says_what_was_learnt_against_and_what_is_withstood(key: str):
    told, recipe = metadata(FOLDER / MODELS[key].file), RECIPES[key]
    assert recipe.against
    assert Adversary(**told["against"]) == recipe.against
    assert told.get("start", "") == recipe.start
    for shares in told["withstood"].values():
        half, whole, twice = shares.values()
        assert [float(epsilon) for epsilon in shares] == [scale * recipe.against.epsilon for scale in (0.5, 1, 2)]
        assert told["accuracy"] >= half > whole > twice


@pytest.mark.parametrize("key", MODELS)
def test_a_file_is_small_and_in_half_precision(key: str):
    path = FOLDER / MODELS[key].file
    assert path.stat().st_size < 300_000
    assert path.stat().st_mode & 0o044 == 0o044  # the image's user is not the one who made it
    kinds = {value.dtype for value in load_file(path).values()}
    assert kinds == {torch.float16, torch.int64}


def test_a_network_is_loaded_once_and_ready_to_be_asked():
    chance = torch.get_rng_state()
    one = network("digits")
    assert network("digits") is one
    assert not one.training
    assert not any(weight.requires_grad for weight in one.parameters())
    load(FOLDER / MODELS["digits"].file)
    assert torch.equal(torch.get_rng_state(), chance)


def test_an_unknown_model_is_refused():
    with pytest.raises(ValueError, match="model is 'vgg': it must be one of plain, noiseless, residual"):
        network("vgg")


# Writing and reading


def test_what_is_saved_is_loaded_to_half_precision(net: ConvNet, file: Path):
    found = load(file).state_dict()
    for name, value in net.state_dict().items():
        assert found[name].dtype == value.dtype
        torch.testing.assert_close(found[name], value, rtol=2**-11, atol=2**-24)


def test_facts_are_kept_as_they_are(file: Path):
    assert metadata(file) == {"network": "digits", "accuracy": 0.5}


def test_the_same_network_gives_the_same_file(net: ConvNet, file: Path, tmp_path: Path):
    save(tmp_path / "again.safetensors", net, network="digits", accuracy=0.5)
    assert (tmp_path / "again.safetensors").read_bytes() == file.read_bytes()


def test_a_file_that_cannot_be_written_leaves_the_old_one(file: Path, monkeypatch: pytest.MonkeyPatch):
    before = file.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        write(file, {"x": torch.ones(3)}, {})
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e6])
def test_weights_beyond_half_precision_are_not_saved(net: ConvNet, tmp_path: Path, value: float):
    nn.init.constant_(net.classifier.bias, value)
    with pytest.raises(ValueError, match=r"classifier\.bias has a weight that half precision cannot hold"):
        save(tmp_path / "net.safetensors", net, network="digits")
    assert not list(tmp_path.iterdir())


def test_an_unknown_network_is_not_saved(net: ConvNet, tmp_path: Path):
    with pytest.raises(ValueError, match="network is 'vgg'"):
        save(tmp_path / "net.safetensors", net, network="vgg")


# Files that are none


def without(path: Path, name: str) -> None:
    tensors = load_file(path)
    del tensors[name]
    write(path, tensors, {"network": "digits"})


def with_one(path: Path, name: str, value: torch.Tensor) -> None:
    write(path, {**load_file(path), name: value}, {"network": "digits"})


SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: path.unlink(), r"There is no checkpoint net\.safetensors"),
    "empty": (lambda path: path.write_bytes(b""), "no safetensors file, or it is damaged"),
    "text": (lambda path: path.write_text("weights" * 9), "no safetensors file, or it is damaged"),
    "cut": (lambda path: path.write_bytes(path.read_bytes()[:-1]), "no safetensors file, or it is damaged"),
    "longer": (lambda path: path.write_bytes(path.read_bytes() + b"0"), "no safetensors file, or it is damaged"),
    "pickle": (lambda path: path.write_bytes(pickle.dumps({"a": 1})), "no safetensors file, or it is damaged"),
    "endless head": (lambda path: path.write_bytes(b"\xff" * 64), "no safetensors file, or it is damaged"),
    "nameless": (lambda path: save_file(load_file(path), path), "holds the network None: it must be one of plain"),
    "no facts": (lambda path: save_file(load_file(path), path, {"facts": "[1]"}), "holds the network None"),
    "facts cut": (lambda path: save_file(load_file(path), path, {"facts": "{"}), "or it is damaged"),
    "a list": (lambda path: write(path, load_file(path), {"network": ["plain"]}), r"holds the network \['plain'\]"),
    "another network": (
        lambda path: write(path, load_file(path), {"network": "plain"}),
        "does not fit its network: .*stages",
    ),
    "a layer less": (
        lambda path: without(path, "classifier.bias"),
        r"does not fit its network: Missing key.*classifier\.bias",
    ),
    "a layer more": (lambda path: with_one(path, "more", torch.ones(2)), "does not fit its network: Unexpected key"),
    "another shape": (
        lambda path: with_one(path, "classifier.bias", torch.ones(3)),
        r"does not fit its network: size mismatch for classifier\.bias",
    ),
    "not finite": (
        lambda path: with_one(path, "classifier.bias", torch.full((10,), float("nan"))),
        r"is damaged: classifier\.bias has numbers that are not finite",
    ),
}


@pytest.mark.parametrize(("spoil", "said"), SPOILT.values(), ids=SPOILT)
def test_a_file_that_is_none_is_refused_in_one_sentence(file: Path, spoil: Callable[[Path], object], said: str):
    spoil(file)
    with pytest.raises(ValueError, match=said) as refusal:
        load(file)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 300


def test_a_file_that_is_too_large_is_not_read(file: Path):
    with pytest.raises(ValueError, match="is larger than 0 MB"):
        checkpoints.read(file, 1000)
