"""The house keeps its rules, and each rule is seen to break on a planted violation."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GUARD = "if __name__ == '__main__':\n    render()"
GLOBAL_SEED = re.compile(r"\b(torch(\.random|\.cuda)?\.manual_seed(_all)?|(np|numpy)\.random\.seed|random\.seed)\s*\(")
CODE_LINES = 300
PAGE_LINES = 160


# The tree, and copies of it to plant in


def copy_of_the_tree(target: Path) -> Path:
    ignore = shutil.ignore_patterns("__pycache__")
    for folder in ("dlcore", "pages"):
        shutil.copytree(ROOT / folder, target / folder, ignore=ignore)
    for name in ("app.py", "pyproject.toml"):
        shutil.copy(ROOT / name, target / name)
    return target


def plant(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def found(root: Path, *patterns: str) -> list[Path]:
    """The files of these patterns, each of which must match something: a check of nothing is no check."""
    files: list[Path] = []
    for pattern in patterns:
        matches = sorted(path for path in root.glob(pattern) if "__pycache__" not in path.parts)
        assert matches, f"no file matches {pattern!r} in {root}"
        files += matches
    return files


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    command = "from importlinter.cli import lint_imports_command as run; run(['--no-cache', '--no-logo'])"
    return subprocess.run([sys.executable, "-c", command], cwd=root, capture_output=True, text=True, timeout=120)


def broken(root: Path) -> list[str]:
    """The names of the broken contracts; import-linter must have got as far as checking them."""
    done = lint_imports(root)
    assert "Contracts: " in done.stdout, done.stdout + done.stderr
    names = re.findall(r"^(.+) BROKEN", done.stdout, flags=re.MULTILINE)
    assert done.returncode == (1 if names else 0), done.stdout + done.stderr
    return names


# The rules that import-linter holds

ROOMS = "Rooms: imports go down, never up, and every module of dlcore has its room"
PAGES_ON_TOP = "Pages stand on top: dlcore imports neither them nor the app"
LESSONS = "Lessons do not import one another"
STREAMLIT = "Streamlit only in pages and dlcore.ui"
PLOTLY = "Figures are plain data: Plotly's objects only in tests"
TORCH = "Figures draw arrays: no torch of their own"
CAPTUM = "Captum only in topics.saliency and topics.vqa"

PLANTED = {
    "a topic imports a figure": (ROOMS, {"dlcore/topics/planted.py": "import dlcore.figures.theme\n"}),
    "a figure imports the ui": (ROOMS, {"dlcore/figures/planted.py": "import dlcore.ui\n"}),
    "training imports a topic": (
        ROOMS,
        {"dlcore/training.py": "from dlcore.topics import planted\n", "dlcore/topics/planted.py": ""},
    ),
    "the ground floor imports training": (
        ROOMS,
        {"dlcore/device.py": "def f():\n    import dlcore.training\n", "dlcore/training.py": ""},
    ),
    "a topic imports the command": (ROOMS, {"dlcore/topics/planted.py": "def f():\n    import dlcore.train\n"}),
    "a module without a room": (ROOMS, {"dlcore/helpers.py": ""}),
    "dlcore imports a page": (
        PAGES_ON_TOP,
        {"dlcore/ui/planted.py": "import pages.planted.one\n", "pages/planted/one.py": ""},
    ),
    "dlcore imports the app": (PAGES_ON_TOP, {"dlcore/ui/planted.py": "import app\n"}),
    "a lesson imports its neighbour": (
        LESSONS,
        {"pages/planted/one.py": "", "pages/planted/two.py": "from pages.planted import one\n"},
    ),
    "a lesson imports one of another part": (
        LESSONS,
        {"pages/planted/one.py": "", "pages/elsewhere/two.py": "from pages.planted.one import LESSON\n"},
    ),
    "a topic imports streamlit": (STREAMLIT, {"dlcore/topics/planted.py": "import streamlit as st\n"}),
    "a figure imports streamlit late": (
        STREAMLIT,
        {"dlcore/figures/planted.py": "def f():\n    from streamlit import cache_data\n"},
    ),
    "a topic imports plotly": (PLOTLY, {"dlcore/topics/planted.py": "import plotly\n"}),
    "a figure imports plotly": (PLOTLY, {"dlcore/figures/planted.py": "import plotly.graph_objects as go\n"}),
    "a page imports plotly late": (PLOTLY, {"pages/planted/one.py": "def f():\n    import plotly.express\n"}),
    "a figure imports torch": (TORCH, {"dlcore/figures/planted.py": "import torch\n"}),
    "another topic imports captum": (CAPTUM, {"dlcore/topics/planted.py": "def f():\n    import captum.attr\n"}),
    "a page imports captum": (CAPTUM, {"pages/planted/one.py": "from captum.attr import Saliency\n"}),
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    found(ROOT, "app.py", "pages/*/*.py", "dlcore/ui/*.py", "dlcore/figures/*.py", "dlcore/topics/*.py")
    return copy_of_the_tree(tmp_path / "tree")


def test_the_tree_keeps_every_contract(tree: Path):
    assert broken(tree) == []


@pytest.mark.parametrize(("contract", "files"), PLANTED.values(), ids=PLANTED)
def test_a_planted_import_breaks_its_contract(tree: Path, contract: str, files: dict[str, str]):
    plant(tree, {"dlcore/datasets/__init__.py": "", **files})
    assert broken(tree) == [contract]


def test_every_contract_has_a_plant(tree: Path):
    names = re.findall(r'^name = "(.+)"', (tree / "pyproject.toml").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert sorted(names) == sorted({contract for contract, _ in PLANTED.values()})


def test_the_two_rooms_of_captum_are_open(tree: Path):
    plant(tree, {"dlcore/topics/saliency.py": "import captum.attr\n", "dlcore/topics/vqa.py": "import captum.attr\n"})
    assert broken(tree) == []


# The rules that ruff holds


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("import torch\n\ntorch.manual_seed(0)\n", "TID251"),
        ("import torch\n\ntorch.set_default_dtype(torch.float64)\n", "TID251"),
        ("import torch\n\ntorch.load('weights.pt')\n", "TID251"),
        ("import numpy as np\n\nnp.random.seed(0)\n", "NPY002"),
        ("from captum.attr import Saliency\n\nSaliency\n", "TID253"),
        ("import sklearn.datasets\n\nsklearn\n", "TID253"),
        ("eval('1 + 1')\n", "S307"),
    ],
)
def test_a_banned_call_or_early_import_fails_the_lint(tree: Path, code: str, rule: str):
    plant(tree, {"dlcore/topics/planted.py": f'"""A plant."""\n\n{code}'})
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--no-cache",
        "--output-format=concise",
        "dlcore/topics/planted.py",
    ]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stderr
    assert rule in done.stdout


# The rules held here: each function lists the offences of a tree


def long_files(root: Path) -> list[str]:
    files = found(root, "app.py", "dlcore/**/*.py", "pages/**/*.py")
    files += [path for top in ("tests", "benchmarks", "assets") for path in sorted((root / top).rglob("*.*"))]
    code = [path for path in files if path.suffix in {".py", ".js", ".css"} and ".min." not in path.name]
    lines = {path.relative_to(root): len(path.read_text(encoding="utf-8").splitlines()) for path in code}
    return [f"{path} has {count} lines" for path, count in lines.items() if count > CODE_LINES]


def global_seeds(root: Path) -> list[str]:
    """Also in the text of the programs that the code panel shows."""
    files = found(root, "app.py", "dlcore/**/*.py", "pages/**/*.py")
    return [str(path.relative_to(root)) for path in files if GLOBAL_SEED.search(path.read_text(encoding="utf-8"))]


def session_state_outside_ui(root: Path) -> list[str]:
    files = [path for path in found(root, "dlcore/**/*.py") if path.relative_to(root).parts[1] != "ui"]
    return [str(path.relative_to(root)) for path in files if "session_state" in path.read_text(encoding="utf-8")]


def page_faults(root: Path) -> Iterator[str]:
    yield from (f"{path.name} lies directly in pages/" for path in (root / "pages").glob("*.*"))
    for path in found(root, "pages/*/*.py"):
        name = str(path.relative_to(root))
        text = path.read_text(encoding="utf-8")
        body = ast.parse(text).body
        if not ast.get_docstring(ast.parse(text)):
            yield f"{name} has no docstring"
        if not body or ast.unparse(body[-1]) != GUARD:
            yield f"{name} does not end with the guard"
        if not any(isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) == "LESSON" for part in body):
            yield f"{name} has no LESSON"
        if any(isinstance(part, ast.ClassDef) for part in body):
            yield f"{name} defines a class"
        if len(text.splitlines()) > PAGE_LINES:
            yield f"{name} has more than {PAGE_LINES} lines"
    yield from (f"{path.relative_to(root)} lies too deep" for path in (root / "pages").glob("*/*/**/*.py"))


PAGE = '"""A plant."""\n\nLESSON = 1\n\n\ndef render():\n    pass\n\n\n'
END = 'if __name__ == "__main__":\n    render()\n'


@pytest.mark.parametrize("offences", [long_files, global_seeds, session_state_outside_ui, page_faults])
def test_the_tree_has_no_offence(offences: Callable[[Path], Iterable[str]]):
    assert list(offences(ROOT)) == []


def test_a_long_file_is_found(tree: Path):
    long = "\n" * 301
    plant(tree, {"dlcore/topics/planted.py": long, "assets/planted.js": long, "assets/a.min.js": long})
    assert {"dlcore/topics/planted.py has 301 lines", "assets/planted.js has 301 lines"} <= set(long_files(tree))
    assert not any("a.min.js" in each for each in long_files(tree))


@pytest.mark.parametrize("call", ["torch.manual_seed(0)", "torch.cuda.manual_seed_all(0)", "np.random.seed(0)"])
def test_a_global_seed_is_found(tree: Path, call: str):
    plant(tree, {"dlcore/topics/planted.py": f"PROGRAM = '''{call}'''\n"})
    assert global_seeds(tree) == ["dlcore/topics/planted.py"]


def test_a_generator_may_be_seeded():
    assert not GLOBAL_SEED.search("torch.Generator().manual_seed(0)")


def test_session_state_elsewhere_is_found(tree: Path):
    plant(tree, {"dlcore/topics/planted.py": "st.session_state\n", "dlcore/ui/planted.py": "st.session_state\n"})
    assert session_state_outside_ui(tree) == ["dlcore/topics/planted.py"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (PAGE, "does not end with the guard"),
        (PAGE + "render()\n", "does not end with the guard"),
        (PAGE + END + "x = 1\n", "does not end with the guard"),
        (PAGE.replace("LESSON", "lesson") + END, "has no LESSON"),
        (PAGE.replace('"""A plant."""', "") + END, "has no docstring"),
        (PAGE + "class A:\n    pass\n\n\n" + END, "defines a class"),
        (PAGE + "\n" * 160 + END, "has more than 160 lines"),
        ("", "does not end with the guard"),
    ],
    ids=["no guard", "bare render", "not last", "no lesson", "no docstring", "class", "long", "empty"],
)
def test_a_faulty_page_is_found(tree: Path, text: str, fault: str):
    plant(tree, {"pages/planted/good.py": PAGE + END, "pages/planted/bad.py": text})
    assert f"pages/planted/bad.py {fault}" in page_faults(tree)
    assert not any("good.py" in each for each in page_faults(tree))


def test_a_page_in_the_wrong_place_is_found(tree: Path):
    plant(tree, {"pages/flat.py": PAGE + END, "pages/planted/deep/one.py": PAGE + END})
    assert {"flat.py lies directly in pages/", "pages/planted/deep/one.py lies too deep"} <= set(page_faults(tree))


def test_a_check_that_finds_nothing_fails(tree: Path):
    shutil.rmtree(tree / "pages")
    with pytest.raises(AssertionError, match="no file matches"):
        list(page_faults(tree))
    with pytest.raises(AssertionError, match="no file matches"):
        long_files(tree)
