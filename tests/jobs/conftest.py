"""A server of one worker, so that all runs of a test share it."""

from collections.abc import Callable, Iterator

import pytest

from dlcore.jobs import Job, Jobs, Limits


@pytest.fixture(scope="module")
def jobs() -> Iterator[Jobs]:
    limits = Limits(running_per_owner=9, num_frames=30_000, num_bytes=3_000_000, linger_seconds=0)
    with Jobs(1, preload=("numpy",), limits=limits) as started:
        yield started


@pytest.fixture
def run(jobs: Jobs, request: pytest.FixtureRequest) -> Iterator[Callable[..., Job]]:
    """Submit for an owner of this test alone, who leaves at its end."""
    owner = request.node.nodeid
    yield lambda make_frames, config: jobs.submit(make_frames, config, owner=owner)
    jobs.close(owner)
