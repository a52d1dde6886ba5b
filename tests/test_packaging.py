"""What a host relies on: pinned packages, the image, the settings, the two themes, README's commands."""

import fnmatch
import json
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from packaging.requirements import Requirement

from dlcore.figures.theme import PALETTE

ROOT = Path(__file__).parent.parent
THEMES = {"light": 0, "dark": 1}
COURSE = {"streamlit", "torch", "plotly", "numpy", "pillow", "captum", "scikit-learn"}
RUN = "python3 -m venv .venv && . .venv/bin/activate && pip install -r requirements.txt && streamlit run app.py"
CHECK = "python3 -m venv .venv && . .venv/bin/activate && pip install -r requirements-dev.txt && ./check"


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def requirements(name: str) -> list[Requirement]:
    lines = [line for line in read(name).splitlines() if not line.startswith("-r ")]
    assert lines
    return [Requirement(line) for line in lines]


# Packages


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned_to_what_is_installed(name: str):
    for each in requirements(name):
        (pin,) = each.specifier
        assert pin.operator == "=="
        assert version(each.name) in each.specifier, each.name


def test_the_checks_run_on_the_packages_of_the_app():
    assert read("requirements-dev.txt").startswith("-r requirements.txt\n")


def test_every_package_beyond_the_courses_own_is_accounted_for():
    names = {each.name for each in requirements("requirements.txt")}
    assert names >= COURSE
    for name in names - COURSE:
        assert name in read("CONTRIBUTING.md"), f"{name} needs its line in CONTRIBUTING.md"


# The image


def instructions() -> list[tuple[str, str]]:
    lines = re.sub(r"^#.*\n", "", read("Dockerfile"), flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    return [(line.split(maxsplit=1)[0], " ".join(line.split()[1:])) for line in lines if line.strip()]


def test_the_image_starts_from_slim_and_runs_the_app_as_a_plain_user():
    steps = instructions()
    assert steps[0] == ("FROM", "python:3.11-slim")
    users = [text for word, text in steps if word == "USER"]
    assert users == ["app"]
    assert steps.index(("USER", "app")) > max(i for i, (word, _) in enumerate(steps) if word in {"RUN", "COPY"})
    word, text = steps[-1]
    assert word == "CMD"
    assert json.loads(text) == ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501"]


def test_the_health_check_needs_no_curl():
    ((_, text),) = [step for step in instructions() if step[0] == "HEALTHCHECK"]
    command = json.loads(text.partition("CMD ")[2])
    assert command[:2] == ["python", "-c"]
    assert "/_stcore/health" in command[2]
    compile(command[2], "HEALTHCHECK", "exec")
    assert "curl" not in read("Dockerfile")


def test_torch_comes_from_its_own_index_before_all_else():
    (torch,) = [each for each in requirements("requirements.txt") if each.name == "torch"]
    texts = [f"{word} {text}" for word, text in instructions()]
    order = [
        "ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu",
        f'RUN pip install --index-url "$TORCH_INDEX" {torch}',
        "COPY requirements*.txt ./",
        "RUN pip install -r requirements.txt",
        "COPY . .",
    ]
    assert [text for text in texts if text in order] == order


def test_the_image_computes_with_one_thread_and_asks_the_internet_for_nothing():
    environment = " ".join(text for word, text in instructions() if word == "ENV").split()
    for setting in ("OMP_NUM_THREADS=1", "OMP_WAIT_POLICY=PASSIVE", "STREAMLIT_BROWSER_SERVER_ADDRESS=localhost"):
        assert setting in environment


def test_the_image_gets_what_the_app_reads_and_no_more():
    rules = [line for line in read(".dockerignore").splitlines() if line and not line.startswith("#")]

    def sent(name: str) -> bool:
        last = [rule for rule in rules if fnmatch.fnmatch(name, rule.removeprefix("!").removeprefix("**/"))]
        return not last or last[-1].startswith("!")

    for name in ("app.py", "dlcore", "pages", "assets", "requirements.txt", ".streamlit"):
        assert sent(name), name
    for name in (
        "deploy",
        "docs",
        ".git",
        ".venv",
        ".env",
        "tests",
        "shared",
        ".streamlit/secrets.toml",
        "__pycache__",
        ".ci",
    ):
        assert not sent(name), name


# Settings and themes


def settings() -> dict:
    return tomllib.loads(read(".streamlit/config.toml"))


def flat(table: dict, prefix: str = "") -> dict[str, object]:
    values = {}
    for key, value in table.items():
        values |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return values


def test_streamlit_knows_every_setting_and_takes_it():
    wanted = flat(settings())
    program = "import json, sys; from streamlit.config import get_option; "
    program += "print(json.dumps({key: get_option(key) for key in json.loads(sys.argv[1])}))"
    command = [sys.executable, "-c", program, json.dumps(list(wanted))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == wanted
    assert "not a valid config option" not in done.stderr + done.stdout


def test_no_telemetry_no_questions_no_traces_and_quick_reruns():
    values = flat(settings())
    assert values["browser.gatherUsageStats"] is False
    assert values["server.showEmailPrompt"] is False
    assert values["server.enableXsrfProtection"] is True
    assert values["server.maxUploadSize"] == 5
    assert values["client.showErrorDetails"] == "none"
    assert values["runner.postScriptGC"] is False
    assert "://" not in re.sub(r"#.*", "", read(".streamlit/config.toml"))


def linear(colour: str) -> np.ndarray:
    """The red, green and blue light of "#rrggbb", from 0 to 1."""
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2, from 1 to 21."""
    high, low = sorted((float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_known_pairs():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", THEMES)
def test_text_and_accent_are_readable_on_every_ground(name: str):
    theme = settings()["theme"][name]
    for ground in ("backgroundColor", "secondaryBackgroundColor", "codeBackgroundColor"):
        for ink in ("textColor", "primaryColor", "linkColor"):
            assert contrast(theme[ink], theme[ground]) >= 4.5, (ink, ground)


@pytest.mark.parametrize("name", THEMES)
def test_captions_are_readable(name: str):
    """Streamlit writes them in the text colour at 60 %."""
    theme = settings()["theme"][name]
    for ground in (theme["backgroundColor"], theme["secondaryBackgroundColor"]):
        parts = [(int(theme["textColor"][i : i + 2], 16), int(ground[i : i + 2], 16)) for i in (1, 3, 5)]
        caption = "#" + "".join(f"{round(0.6 * ink + 0.4 * behind):02x}" for ink, behind in parts)
        assert contrast(caption, ground) >= 4.5


@pytest.mark.parametrize("name", THEMES)
def test_the_app_and_its_figures_share_their_colours(name: str):
    theme = settings()["theme"][name]
    pairs = {"backgroundColor": "ground", "primaryColor": "accent", "borderColor": "grid"}
    assert {key: theme[key] for key in pairs} == {key: PALETTE[role][THEMES[name]] for key, role in pairs.items()}


# Machado, Oliveira and Fernandes (2009): how a full protan, deutan and tritan sees linear RGB.
SIGHTS = {
    "full": np.eye(3),
    "protan": np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),
    "deutan": np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),
    "tritan": np.array([[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]]),
}
# Ottosson (2020): linear RGB to OKLab, in which distance is difference as seen.
LMS = np.array([[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]])
LAB = np.array([[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]])


@pytest.mark.parametrize("name", THEMES)
def test_the_categorical_colours_are_enough_visible_and_apart(name: str):
    theme = settings()["theme"][name]
    colours = theme["chartCategoricalColors"]
    assert len(set(colours)) == len(colours) >= 10  # with fewer Plotly falls back to its own
    for colour in colours:
        assert contrast(colour, theme["backgroundColor"]) >= 3
    for sight, matrix in SIGHTS.items():
        seen = [LAB @ np.cbrt(LMS @ np.clip(matrix @ linear(colour), 0, 1)) for colour in colours]
        nearest = min(float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2))
        assert nearest >= 0.05, sight


# README's commands


@pytest.mark.parametrize("command", [RUN, CHECK])
def test_readme_gives_the_command_and_its_parts_exist(command: str):
    assert f"\n{command}\n" in read("README.md")
    for name in re.findall(r"requirements[\w-]*\.txt|app\.py|\./check", command):
        assert (ROOT / name).is_file(), name


def test_ci_runs_readmes_test_command():
    assert read(".ci/run").endswith(f"\n{CHECK}\n")


@pytest.mark.parametrize("name", ["check", ".ci/run", ".ci/image", ".ci/audit"])
def test_the_scripts_can_be_run(name: str):
    assert (ROOT / name).stat().st_mode & 0o111
    subprocess.run(["bash", "-n", str(ROOT / name)], check=True, timeout=10)


@pytest.mark.skipif(sys.platform == "darwin", reason="a Mac may have one where no PATH leads")
def test_check_says_how_to_get_a_chromium(tmp_path: Path):
    for tool in ("dirname", "cat"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or tool)
    settings = {"PATH": str(tmp_path), "VIRTUAL_ENV": "any"}
    done = subprocess.run(["/bin/bash", str(ROOT / "check")], env=settings, capture_output=True, text=True, timeout=10)
    assert done.returncode == 1
    assert "apt-get install chromium" in done.stderr
    assert "CHROMIUM=/path/to" in done.stderr
