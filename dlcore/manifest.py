"""assets/MANIFEST.json: of every file that is not source code its origin, licence, checksum, and how it is made.

Knows the list; does not know what the files are.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcore.lessons import ROOT

ASSETS = ROOT / "assets"


def record(files: Mapping[Path, Mapping[str, Any]], assets: Path = ASSETS) -> None:
    """Writes the lines of these files, which this project made, with what is given of each; other lines stay.

    A file that is no longer there loses its line.
    """
    path = assets / "MANIFEST.json"
    lines: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for file, facts in files.items():
        lines[file.relative_to(assets).as_posix()] = {
            "origin": "this project",
            "licence": "this project's",
            **facts,
            "sha256": checksum(file),
        }
    there = {name: lines[name] for name in sorted(lines) if (assets / name).exists()}
    path.write_text(json.dumps(there, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def check(path: Path, assets: Path = ASSETS) -> None:
    """Refuse a file of the list that is not the one which was listed; a file that is not in it is nobody's promise.

    Raises: ValueError that names both checksums; OSError for a file that cannot be read.
    """
    if not path.is_relative_to(assets):
        return
    name = path.relative_to(assets).as_posix()
    lines: dict[str, Any] = json.loads((assets / "MANIFEST.json").read_text(encoding="utf-8"))
    wanted = lines.get(name, {}).get("sha256", "")
    if wanted and (found := checksum(path)) != wanted:
        raise ValueError(
            f"{path.name} is damaged, or not the file that came with the app: its SHA-256 begins with {found[:12]} and "
            f"assets/MANIFEST.json says {wanted[:12]}. Fetch {name} again."
        )


def checksum(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
