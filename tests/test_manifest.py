"""assets/MANIFEST.json has a line for everything that is not source code, and each line is true."""

import json
import shutil
from pathlib import Path

import pytest

from dlcore import checkpoints, manifest

SOURCES = {".js", ".css"}
UNFINISHED = {".part"}  # a training that goes on while this runs


def lines(assets: Path) -> dict[str, dict[str, str]]:
    return json.loads((assets / "MANIFEST.json").read_text(encoding="utf-8"))


def test_every_file_has_its_line_and_no_line_is_of_nothing():
    files = [path for path in manifest.ASSETS.rglob("*") if path.is_file() and path.suffix not in SOURCES | UNFINISHED]
    names = {path.relative_to(manifest.ASSETS).as_posix() for path in files if not path.name.startswith(".")}
    assert names - {"MANIFEST.json"} == lines(manifest.ASSETS).keys()


def test_every_line_tells_origin_licence_command_and_the_file_s_checksum():
    for name, facts in lines(manifest.ASSETS).items():
        assert facts["sha256"] == manifest.checksum(manifest.ASSETS / name), name
        assert all(facts[key] for key in ("origin", "licence", "command")), name


def test_a_checksum_is_that_of_the_standard(tmp_path: Path):
    (tmp_path / "abc").write_bytes(b"abc")  # FIPS 180-2, appendix B.1
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert manifest.checksum(tmp_path / "abc") == expected


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(name.encode())
    manifest.record({tmp_path / name: {"command": "draw"} for name in ("b.png", "a.png")}, tmp_path)
    return tmp_path


def test_other_lines_stay(assets: Path):
    before = lines(assets)
    (assets / "a.png").write_bytes(b"other")
    manifest.record({assets / "a.png": {"command": "paint", "seed": 3}}, assets)
    after = lines(assets)
    assert after["b.png"] == before["b.png"]
    assert after["a.png"]["sha256"] != before["a.png"]["sha256"]
    assert (after["a.png"]["command"], after["a.png"]["seed"]) == ("paint", 3)


def test_a_file_that_is_gone_loses_its_line(assets: Path):
    (assets / "a.png").unlink()
    manifest.record({}, assets)
    assert list(lines(assets)) == ["b.png"]


def test_lines_are_in_the_order_of_names(assets: Path):
    assert list(lines(assets)) == ["a.png", "b.png"]


def test_a_file_with_one_bit_turned_is_refused_by_its_checksum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = checkpoints.FOLDER / "digits.safetensors"
    copy = tmp_path / "checkpoints" / source.name
    copy.parent.mkdir()
    shutil.copy(source, copy)
    shutil.copy(manifest.ASSETS / "MANIFEST.json", tmp_path)
    manifest.check(copy, tmp_path)
    data = bytearray(copy.read_bytes())
    data[-1] ^= 1
    copy.write_bytes(data)
    checkpoints.load(copy)  # nothing else would tell
    listed = lines(tmp_path)["checkpoints/digits.safetensors"]["sha256"]
    with pytest.raises(ValueError, match=f"begins with {manifest.checksum(copy)[:12]}.*says {listed[:12]}"):
        manifest.check(copy, tmp_path)
    monkeypatch.setattr(manifest.check, "__defaults__", (tmp_path,))
    monkeypatch.setattr(checkpoints, "FOLDER", copy.parent)
    with pytest.raises(
        ValueError, match=r"digits.safetensors is damaged.* Fetch checkpoints/digits.safetensors again."
    ):
        checkpoints.network.__wrapped__("digits")


def test_a_file_of_ones_own_is_not_looked_up(tmp_path: Path) -> None:
    (tmp_path / "mine.safetensors").write_bytes(b"anything")
    manifest.check(tmp_path / "mine.safetensors")
