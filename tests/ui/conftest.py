"""What the tests of the server's routes share."""

import pytest

from tests.ui.asgi_client import Client


@pytest.fixture
def client() -> Client:
    return Client()
