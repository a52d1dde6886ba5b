"""The environment is read whole or refused in one sentence a variable; secrets are never repeated."""

import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.jobs import Limits
from dlcore.lessons import ROOT
from dlcore.settings import PREFIX, VARIABLES, Settings, default, read, shown, strangers

REFUSED = {
    "DESCENT_DEVICE": "tpu",
    "DESCENT_WEIGHTS": "/no/such/folder",
    "DESCENT_DATA": "/no/such/folder",
    "DESCENT_ENGINE": "http://head:10001",
    "DESCENT_WORKERS": "0",
    "DESCENT_WORKER_MB": "many",
    "DESCENT_WORKER_NICE": "20",
    "DESCENT_RUNS": "1.5",
    "DESCENT_RUNS_PER_READER": "-1",
    "DESCENT_WAITING": "-1",
    "DESCENT_RUN_SECONDS": "nan",
    "DESCENT_RUN_MB": "1e3",
    "DESCENT_FRAME_ANCESTORS": "https://a.example; script-src *",
    "DESCENT_PASSWORD": "short",
    "DESCENT_HOST_TOKEN": "short token",
    "DESCENT_LOG": "xml",
}


def complaint(environ: dict[str, str]) -> str:
    """What is wrong with it, in words; "" where nothing is."""
    try:
        read(environ)
    except ValueError as told:
        return str(told)
    return ""


def test_every_field_has_its_variable_and_every_variable_its_field() -> None:
    assert {f"{PREFIX}{field.name.upper()}" for field in fields(Settings)} == set(VARIABLES)


def test_an_empty_environment_is_the_default() -> None:
    assert read({}) == Settings()
    assert read(dict.fromkeys(VARIABLES, " ")) == Settings()


def test_the_defaults_of_runs_are_those_of_the_jobs() -> None:
    limits = Limits()
    assert read({}).runs == limits.running
    assert read({}).runs_per_reader == limits.running_per_owner
    assert read({}).waiting == limits.waiting
    assert read({}).run_seconds == limits.seconds
    assert read({}).run_mb * 10**6 == limits.num_bytes


def test_values_are_read(tmp_path: Path) -> None:
    settings = read(
        {
            "DESCENT_DEVICE": "cuda:1",
            "DESCENT_DATA": str(tmp_path),
            "DESCENT_ENGINE": "ray://head:10001",
            "DESCENT_WORKERS": " 8 ",
            "DESCENT_RUN_SECONDS": "12.5",
            "DESCENT_FRAME_ANCESTORS": "'self'  https://*.example.org https://moodle.example.org:8443",
            "DESCENT_PASSWORD": "gradient",
        }
    )
    assert (settings.device, settings.data, settings.engine) == ("cuda:1", tmp_path, "ray://head:10001")
    assert (settings.workers, settings.run_seconds, settings.password) == (8, 12.5, "gradient")
    assert settings.frame_ancestors == "'self' https://*.example.org https://moodle.example.org:8443"


@pytest.mark.parametrize("name", VARIABLES)
def test_what_cannot_be_is_refused_in_one_sentence_that_names_it(name: str) -> None:
    with pytest.raises(ValueError, match=rf"^{name} .*\.$") as told:
        read({name: REFUSED[name]})
    assert "\n" not in str(told.value)
    assert (REFUSED[name].split(";")[0] in str(told.value)) != VARIABLES[name].secret


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(ValueError, match="DESCENT_") as told:
        read(REFUSED)
    assert [line.split()[0] for line in str(told.value).splitlines()] == list(VARIABLES)


@given(name=st.sampled_from(list(VARIABLES)), text=st.text(max_size=40))
def test_any_text_is_read_or_refused(name: str, text: str) -> None:
    assert complaint({name: text}).startswith(name) or read({name: text})


@given(text=st.text(alphabet="'; \n\r,*https:/self", max_size=30))
def test_no_frame_ancestor_can_add_a_directive_or_a_header(text: str) -> None:
    try:
        value = read({"DESCENT_FRAME_ANCESTORS": text}).frame_ancestors
    except ValueError:
        return
    assert not set(value) & set(";,\r\n")


def test_a_misspelt_name_is_told_and_a_strange_one_is_no_error() -> None:
    environ = {"DESCENT_WORKRS": "2", "DESCENT_SERVICE_HOST": "10.0.0.1", "PATH": "/bin"}
    assert strangers(environ) == [
        "DESCENT_SERVICE_HOST means nothing here.",
        "DESCENT_WORKRS means nothing here: is DESCENT_WORKERS meant?",
    ]
    assert read(environ) == Settings()


def test_secrets_are_never_shown() -> None:
    texts = shown(Settings(password="gradient", host_token="a long token"))
    assert texts["DESCENT_PASSWORD"] == texts["DESCENT_HOST_TOKEN"] == "set"
    assert not {"gradient", "a long token"} & set(texts.values())
    assert shown(Settings())["DESCENT_PASSWORD"] == "not set"


def test_a_default_is_what_its_own_variable_would_read() -> None:
    for name, variable in VARIABLES.items():
        if text := default(name):
            assert read({name: text}) == Settings(), (name, variable)


def test_a_server_that_is_told_something_impossible_says_so_and_does_not_start() -> None:
    told = {**os.environ, "DESCENT_RUNS": "x", "DESCENT_LOG": "y"}
    done = subprocess.run(
        [sys.executable, "-c", "import app"], cwd=ROOT, env=told, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-2:] == [
        "DESCENT_RUNS is 'x': it must be a whole number from 1 to 10000.",
        "DESCENT_LOG is 'y': it must be one of text, json.",
    ]
