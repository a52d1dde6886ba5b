"""What a host reads and starts: compose.yaml, nginx's file, CI's image, the login, the table of variables."""

import re
from importlib.metadata import metadata

from packaging.requirements import Requirement

from dlcore.settings import VARIABLES, default
from dlcore.ui.host import PRIVATE
from tests.test_packaging import read, requirements


def services() -> dict[str, str]:
    """The text of each service of compose.yaml, and of what they share."""
    text = read("compose.yaml")
    shared, _, rest = text.partition("\nservices:\n")
    parts = re.split(r"^  (\w+):\n", rest, flags=re.MULTILINE)[1:]
    return {"shared": shared, **dict(zip(parts[::2], parts[1::2], strict=True))}


GRANTED_NOTHING = ("read_only: true", "cap_drop:\n", "- ALL", "- no-new-privileges:true", "restart: unless-stopped")


def test_compose_builds_the_same_image_and_grants_it_nothing():
    parts = services()
    assert set(parts) == {"shared", "descent", "gpu", "replica", "engine", "proxy"}
    for name in ("descent", "gpu", "replica", "engine"):
        assert "<<: *server" in parts[name]
    for name in ("shared", "proxy"):
        for line in GRANTED_NOTHING:
            assert line in parts[name], (name, line)
    assert re.search(r"^    context: \.\n", parts["shared"], flags=re.MULTILINE)
    assert "dockerfile:" not in read("compose.yaml")
    assert "docker.sock" not in read("compose.yaml")
    assert ':8501"' in parts["descent"]
    assert "profiles" not in parts["descent"]  # `docker compose up` starts it, and it alone
    for name in ("gpu", "replica", "engine", "proxy"):
        assert "profiles: [" in parts[name]


def test_compose_passes_on_every_variable_that_needs_no_folder():
    passed = set(re.findall(r"^    (DESCENT_\w+):(?:$| \$\{\1:-)", services()["shared"], flags=re.MULTILINE))
    assert passed == set(VARIABLES) - {"DESCENT_DATA", "DESCENT_WEIGHTS"}


def test_replicas_are_checked_and_each_reader_stays_at_one():
    parts = services()
    assert "/healthz" in parts["shared"]
    assert "condition: service_healthy" in parts["proxy"]
    assert "./deploy/nginx.conf:/etc/nginx/nginx.conf:ro" in parts["proxy"]
    proxy = read("deploy/nginx.conf")
    assert "hash $reader consistent;" in proxy
    assert "ip_hash" not in proxy  # a lecture hall has one address
    for path in PRIVATE:
        assert path.lstrip("/") in proxy
    assert re.search(r"location /descent/run/ \{[^}]*proxy_buffering off;", proxy)
    assert "$remote_addr" not in proxy.partition("log_format")[2].partition(";")[0]


def test_no_port_of_the_engine_is_opened_to_the_world():
    assert "ports:" not in services()["engine"]
    assert "ports:" not in services()["replica"]


def test_what_ci_builds_it_runs_as_compose_does():
    text = read(".ci/image")
    for flag in ("--network none", "--read-only", "--tmpfs /tmp", "--cap-drop ALL", "no-new-privileges:true"):
        assert flag in text
    assert "/healthz" in text


def test_a_login_is_pinned_and_needed_by_nobody_else():
    extra = {each.name: each for each in requirements("requirements-auth.txt")}
    assert set(extra) == {"Authlib", "httpx"}
    assert all(pin.operator == "==" for each in extra.values() for pin in each.specifier)
    assert not {"authlib", "httpx"} & {each.name.lower() for each in requirements("requirements.txt")}
    for each in map(Requirement, metadata("streamlit").get_all("Requires-Dist") or []):
        if each.marker and "auth" in str(each.marker):
            assert each.name not in extra or next(iter(extra[each.name].specifier)).version in each.specifier


def test_the_table_of_variables_is_whole_and_true():
    rows = dict(re.findall(r"^\| `(DESCENT_\w+)` \| (.*) \|$", read("docs/hosting.md"), flags=re.MULTILINE))
    wanted = {name: f"{variable.meaning} | {table_default(name)}" for name, variable in VARIABLES.items()}
    assert rows == wanted


def table_default(name: str) -> str:
    return f"`{default(name)}`" if default(name) else "–"
