"""What the tests of the server's routes share."""

from collections.abc import Iterator

import pytest

from tests.ui.asgi_client import Client, taken


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture(autouse=True)
def places() -> Iterator[None]:
    """Whatever a test does, every place of the streams is free again behind it."""
    yield
    assert taken() == 0
