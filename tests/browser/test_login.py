"""A class logs in with a provider of its own: the whole way there and back, under the app's security policy."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from benchmarks._browser import HOST, WINDOW, Screen, free_port, serve
from tests.identities import CLIENT, provider

pytestmark = pytest.mark.slow  # a server of its own

SECRETS = """
[auth]
redirect_uri = "{url}/oauth2callback"
cookie_secret = "a text that nobody else knows, for this test"
client_id = "{client}"
client_secret = "another one"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""


@pytest.fixture
def guarded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server of which only the provider's readers see more than the question."""
    port, its_port = free_port(), free_port()
    file = tmp_path / "secrets.toml"
    url = f"http://{HOST}:{port}"
    file.write_text(SECRETS.format(url=url, client=CLIENT, provider=f"http://{HOST}:{its_port}"))
    monkeypatch.setenv("STREAMLIT_SECRETS_FILES", str(file))
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # on loopback only
    with ExitStack() as stack:
        stack.enter_context(provider(its_port))
        yield stack.enter_context(serve(port=port))


def test_a_reader_logs_in_and_comes_to_the_scene_of_their_link(guarded: str, chromium: Browser) -> None:
    with chromium.new_context(viewport=WINDOW) as context:
        page = Screen(context.new_page(), guarded).page
        link = f"{guarded}/optimizers?optimizers.num_steps=60"
        page.goto(link)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(link)
        expect(page.get_by_role("heading", name="Optimizers", level=1)).to_be_visible()
        page.goto(guarded)
        expect(page.get_by_role("heading", name="Descent", level=1)).to_be_visible()
        expect(page.get_by_role("link", name="Continue where you were")).to_be_visible()
        assert page.url == f"{guarded}/"
    with chromium.new_context(viewport=WINDOW) as stranger:
        page = stranger.new_page()
        page.goto(f"{guarded}/optimizers")
        expect(page.get_by_role("button", name="Log in")).to_be_visible()
        expect(page.get_by_role("heading", name="Optimizers", level=1)).to_have_count(0)
