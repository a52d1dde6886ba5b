"""The command that makes the lesson's networks: which files, how it goes on, and what is refused."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from dlcore import checkpoints, manifest, train
from dlcore.datasets.aerial_questions import ANSWERS
from dlcore.topics.vqa import distance, making
from dlcore.topics.vqa.fusions import FUSIONS
from dlcore.topics.vqa.heads import HeadConfig, Pairs
from dlcore.topics.vqa.making import FEATURES, Made, Plan, Progress, commonest, halved, make
from dlcore.topics.vqa.nets import fresh
from dlcore.topics.vqa.pretraining import PretrainingConfig
from dlcore.topics.vqa.shipped import BACKBONE, DISTANCE, SEEDS, name

SMALL = Plan(
    pretraining=PretrainingConfig(num_scenes=64, num_epochs=1, batch_size=32),
    head=HeadConfig(num_steps=2, batch_size=4),
    num_scenes=20,
    num_held=10,
)
FILES = {BACKBONE, DISTANCE, *(name(key, seed) for key in FUSIONS for seed in SEEDS)}


@pytest.fixture(autouse=True)
def few_scenes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The usual distances need hundreds of scenes, which other tests look at."""
    monkeypatch.setattr(distance, "measured", lambda _: {"own": torch.ones(3, dtype=torch.float64)})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Progress | Made]]:
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distance, "measured", lambda _: {"own": torch.ones(3, dtype=torch.float64)})
        return folder, list(make(SMALL, folder))


def test_it_makes_every_file_and_leaves_nothing_else(made: tuple[Path, list[Progress | Made]]) -> None:
    folder, events = made
    assert {path.name for path in folder.iterdir()} == FILES
    told = [event for event in events if isinstance(event, Made)]
    assert {event.path.name for event in told} == FILES
    assert len(told) == len(FILES)


def test_progress_comes_before_its_file_and_reaches_its_end(made: tuple[Path, list[Progress | Made]]) -> None:
    last: dict[str, Progress] = {}
    for event in made[1]:
        if isinstance(event, Progress):
            assert event.done >= (last[event.task].done if event.task in last else 0)
            last[event.task] = event
        elif event.path.name.startswith("vqa_product"):
            assert last[event.path.stem].done == last[event.path.stem].total == 2
    assert last["backbone"].done == last["backbone"].total == 2


def test_a_file_says_what_was_measured_of_it(made: tuple[Path, list[Progress | Made]]) -> None:
    told = {event.path.name: event.facts for event in made[1] if isinstance(event, Made)}
    for key in FUSIONS:
        facts = told[name(key, 1)]
        assert (facts["fusion"], facts["seed"], facts["num_steps"], facts["num_scenes"]) == (key, 1, 2, 20)
        assert 0 <= facts["accuracy"]["OA"] <= 100
        assert ("majority" in facts) == (key == "blind")


def test_what_is_there_is_kept_and_only_what_is_missing_made(
    made: tuple[Path, list[Progress | Made]], tmp_path: Path
) -> None:
    folder = made[0]
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / name("mutan", 2)).unlink()
    tasks = {event.task for event in make(SMALL, tmp_path) if isinstance(event, Progress)}
    assert {task for task in tasks if task.startswith("vqa")} == {"vqa_mutan_2"}
    assert "backbone" not in tasks
    # The same settings give the same file but for the seconds.
    (_, one), (_, two) = (checkpoints.read(of / name("mutan", 2)) for of in (folder, tmp_path))
    assert all(torch.equal(one[part], two[part]) for part in one)


def test_where_all_is_there_nothing_is_drawn(made: tuple[Path, list[Progress | Made]]) -> None:
    folder = made[0]
    assert not any(isinstance(event, Progress) for event in make(SMALL, folder))
    assert {path.name for path in folder.iterdir()} == FILES


def test_other_settings_make_the_answerers_anew_but_not_the_backbone(
    made: tuple[Path, list[Progress | Made]], tmp_path: Path
) -> None:
    for path in made[0].iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    other = replace(SMALL, head=replace(SMALL.head, lr=1e-3))
    events: Iterator[Progress | Made] = make(other, tmp_path)
    tasks = []
    for event in events:
        if isinstance(event, Progress):
            tasks.append(event.task)
        if isinstance(event, Made) and event.path.name == name("add", 0):
            break
    assert "backbone" not in tasks
    assert "vqa_add_0" in tasks
    assert (tmp_path / FEATURES).exists()  # for the next start


def test_a_run_that_diverges_says_so(tmp_path: Path, made: tuple[Path, list[Progress | Made]]) -> None:
    for file in (BACKBONE, DISTANCE):
        (tmp_path / file).write_bytes((made[0] / file).read_bytes())
    wild = replace(SMALL, head=replace(SMALL.head, lr=1000.0, num_steps=60, weight_decay=10.0))
    with pytest.raises(ValueError, match=r"vqa_add_0: the (weights|loss|gradient) .* Lower the rate"):
        list(make(wild, tmp_path))
    assert not (tmp_path / name("add", 0)).exists()


def test_changes_leave_the_rest() -> None:
    plan = Plan().with_changes(num_epochs=2, num_images=100)
    assert (plan.pretraining.num_epochs, plan.pretraining.num_scenes) == (2, 100)
    assert (plan.num_scenes, plan.num_held, plan.head) == (100, 100, Plan().head)
    assert Plan().with_changes(num_epochs=None, num_images=None) == Plan()
    with pytest.raises(ValueError, match="num_held"):
        Plan(num_held=0)


def test_halves_of_a_network_are_near_it() -> None:
    net = fresh("mcb", 10, 5, seed=0)
    for part, half in halved(net).items():
        assert half.dtype == (torch.float16 if part != "fusion.places" else torch.int64)
        assert torch.allclose(half.double(), net.state_dict()[part].double(), rtol=1e-3, atol=1e-6)


def test_the_commonest_answer_is_counted_by_type_and_by_question() -> None:
    kind, query, answer = torch.tensor([[0, 0, 0, 4, 4], [1, 1, 2, 3, 3], [5, 5, 6, 0, 0]])
    asked = Pairs(torch.zeros(1, 1), torch.zeros(4, 1), torch.zeros(5), query, answer, kind)
    found = commonest(asked)
    assert found["majority"][0] == ANSWERS[5]
    assert found["majority"][4] == ANSWERS[0]
    assert found["by_question"][1:] == [ANSWERS[5], ANSWERS[6], ANSWERS[0]]


# The command


@pytest.fixture
def assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(checkpoints, "FOLDER", tmp_path / "checkpoints")
    record = manifest.record
    monkeypatch.setattr(manifest, "record", lambda lines: record(lines, tmp_path))
    monkeypatch.setattr(making, "Plan", lambda: SMALL)
    monkeypatch.setattr(making, "FUSIONS", {"product": FUSIONS["product"]})
    return tmp_path


def test_the_command_makes_them_all_and_each_gets_its_line(assets: Path, capsys: pytest.CaptureFixture) -> None:
    assert train.main(["aerial", "--images", "64", "--out", str(assets / "checkpoints")]) == 0
    lines = json.loads((assets / "MANIFEST.json").read_text())
    wanted = {BACKBONE, DISTANCE, *(name("product", seed) for seed in SEEDS)}
    assert lines.keys() == {f"checkpoints/{file}" for file in wanted}
    for file, line in lines.items():
        assert line["command"] == "python -m dlcore.train aerial --images 64"
        assert line["sha256"] == manifest.checksum(assets / file)
        assert "vocabulary" not in line
    assert "vqa_product_0: fusion product" in capsys.readouterr().out


def test_the_command_takes_no_seed(assets: Path, capsys: pytest.CaptureFixture) -> None:
    assert train.main(["aerial", "--seed", "4"]) == 2
    assert capsys.readouterr().err == "aerial takes no --seed: its networks have the seeds 0, 1, 2.\n"
    assert not (assets / "checkpoints").exists()
