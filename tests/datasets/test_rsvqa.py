"""RSVQA from a small folder as it is published: what is read, and what is said of what is missing or broken."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dlcore.datasets import rsvqa
from dlcore.datasets.files import VARIABLE
from dlcore.datasets.rsvqa import ANSWERS, ANSWERS_OF, SPLITS, TYPES, bucket, load, missing, pictures, present
from tests.datasets.written_rsvqa import asked, pixels, write


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return write(tmp_path)


def change(place: Path, split: str, part: str, how: Callable[[list[dict[str, Any]]], object]) -> None:
    path = place / f"LR_split_{split}_{part}.json"
    described = json.loads(path.read_text(encoding="utf-8"))
    how(described[part])
    path.write_text(json.dumps(described), encoding="utf-8")


@pytest.mark.usefixtures("place")
def test_each_split_has_its_own_pictures_and_every_question_about_them() -> None:
    seen: set[int] = set()
    for split in SPLITS:
        read = load(split)
        assert not seen & set(read.images)
        seen |= set(read.images)
        rows = zip(read.scene.tolist(), read.query.tolist(), read.answer.tolist(), read.type.tolist(), strict=True)
        got = {
            (read.images[scene], read.texts[query], ANSWERS[answer], TYPES[kind]) for scene, query, answer, kind in rows
        }
        assert len(got) == len(read.scene) == 5 * len(read.images)
        for number, text, answer, kind in got:
            published = {text: (kind, answer) for text, kind, answer in asked(number)}
            assert published[text][0][:4] == kind[:4]
            assert answer in ANSWERS_OF[kind]
            if kind != "count":
                assert answer == published[text][1]
    assert seen == set(range(6))


@pytest.mark.usefixtures("place")
def test_fewer_pictures_bring_only_their_questions() -> None:
    read = load("test", num=1)
    assert read.images == (4,)
    assert len(read.scene) == 5
    assert not read.scene.any()


@given(st.integers(0, 10**8))
def test_a_count_is_in_the_range_that_its_bucket_names(count: int) -> None:
    bounds = [int(word) for word in bucket(count).split() if word.isdecimal()]
    match bucket(count).split()[0]:
        case "between":
            assert bounds[0] <= count <= bounds[1]
        case "more":
            assert count > bounds[0]
        case _:
            assert [count] == bounds


@pytest.mark.usefixtures("place")
def test_a_picture_is_read_when_asked_for_and_shrunk_without_losing_its_mean() -> None:
    read = pictures([3, 0])
    for number in (3, 0):
        small = next(read)
        assert small.shape == (96, 96, 3)
        assert small.dtype == np.uint8
        np.testing.assert_allclose(small.mean(axis=(0, 1)), pixels(number).mean(axis=(0, 1)), atol=0.6)


def test_of_an_oblong_picture_the_middle_square_is_taken(place: Path) -> None:
    wide = np.zeros((40, 100, 3), dtype=np.uint8)
    wide[:, 30:70] = (10, 200, 30)
    Image.fromarray(wide).save(place / "Images_LR" / "0.tif")
    assert (next(pictures([0])) == (10, 200, 30)).all()


def test_without_a_folder_the_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert not present()
    with pytest.raises(ValueError, match="DESCENT_DATA is not set: the host names with it"):
        load("train")


def test_the_first_missing_file_is_named(place: Path) -> None:
    assert present()
    assert missing() == ""
    (place / "LR_split_val_answers.json").unlink()
    assert f"{place.parent} has no rsvqa/LR_split_val_answers.json" in missing()
    with pytest.raises(ValueError, match=r"no rsvqa/LR_split_val_answers\.json"):
        load("train")


@pytest.mark.parametrize("within", ["RSVQA_LR", "RSVQA-LR"])
def test_it_may_lie_in_other_folders(place: Path, within: str) -> None:
    place.rename(place.parent / within)
    assert present()
    assert load("val").images == (2, 3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is damaged or cut off: it is no JSON"),
        ("\ud800", "is damaged or cut off: it is no JSON"),
        ("[" * 100_000, "is damaged or cut off: it is no JSON"),
        ("[]", "has no list 'questions'"),
        ('{"questions": {}}', "has no list 'questions'"),
        ('{"questions": [3]}', "has no list 'questions'"),
        ('{"questions": []}', "has no questions about its pictures"),
    ],
)
def test_a_broken_file_is_one_sentence(place: Path, text: str, said: str) -> None:
    path = place / "LR_split_train_questions.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ValueError, match=said):
        load("train")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("img_id", "0", "Entry 3 of LR_split_train_questions.json has the img_id '0'"),
        ("type", "area", "Entry 3 of LR_split_train_questions.json has the type 'area': it must be one of count"),
        ("type", ["count"], "has the type"),
        ("question", "  ", "has no question"),
        ("answers_ids", [], "the first must be an answer of its split"),
        ("answers_ids", [[0]], "the first must be an answer of its split"),
        ("answers_ids", [29], "the first must be an answer of its split"),
        ("answers_ids", [0], "is answered 'urban': it must be one of 0, between 1 and 10"),
    ],
)
def test_a_broken_entry_is_named(place: Path, key: str, value: Any, said: str) -> None:
    change(place, "train", "questions", lambda entries: entries[3].update({key: value}))
    with pytest.raises(ValueError, match=said):
        load("train")


@pytest.mark.parametrize("value", ["-3", "3.5", "many", None, 12345678901])
def test_a_count_that_is_none_is_refused(place: Path, value: object) -> None:
    change(place, "train", "answers", lambda entries: entries[3].update({"answer": value}))
    with pytest.raises(ValueError, match="is answered"):
        load("train")


def test_a_file_that_is_too_large_is_not_read(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rsvqa, "MOST_BYTES", 1000)
    with pytest.raises(ValueError, match="it may have at most 0"):
        load("train")
    assert present()
    del place


@pytest.mark.parametrize(
    ("data", "said"),
    [(None, "is missing"), (b"II*", "is damaged"), (b"not a picture", "is damaged"), ("half", "is cut off or damaged")],
)
def test_a_broken_picture_is_one_sentence(place: Path, data: bytes | str | None, said: str) -> None:
    path = place / "Images_LR" / "1.tif"
    whole = path.read_bytes()
    path.unlink()
    if data is not None:
        path.write_bytes(whole[: len(whole) // 2] if isinstance(data, str) else data)
    with pytest.raises(ValueError, match=rf"Images_LR/1\.tif {said}"):
        list(pictures([0, 1]))


def test_a_picture_in_grey_or_too_large_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.fromarray(pixels(1)[..., 0]).save(place / "Images_LR" / "1.tif")
    with pytest.raises(ValueError, match="has the mode L"):
        list(pictures([1]))
    monkeypatch.setattr(rsvqa, "MOST_PIXELS", 1000)
    with pytest.raises(ValueError, match="256 × 256 pixels, which are too many"):
        list(pictures([0]))
