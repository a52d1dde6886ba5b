"""A server of one worker, so that all runs of a test share it: a process here and, where Ray is installed, an actor."""

import importlib.util
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dlcore.jobs import Job, Jobs, Limits

LIMITS = Limits(running_per_owner=9, num_frames=30_000, num_bytes=3_000_000, linger_seconds=0)
without_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="needs Ray: pip install -r requirements-ray.txt"
)
RAY = pytest.param("ray", marks=[pytest.mark.slow, without_ray])


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """The address of a cluster of this machine alone."""
    from ray.cluster_utils import Cluster  # pyright: ignore[reportMissingImports]  need not be there

    started: Any = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False})
    yield started.address
    started.shutdown()


@pytest.fixture(scope="module", params=["here", RAY])
def jobs(request: pytest.FixtureRequest) -> Iterator[Jobs]:
    address = request.getfixturevalue("cluster") if request.param == "ray" else ""
    with Jobs(1, preload=("numpy",), limits=LIMITS, ray=address) as started:
        yield started


@pytest.fixture
def run(jobs: Jobs, request: pytest.FixtureRequest) -> Iterator[Callable[..., Job]]:
    """Submit for an owner of this test alone, who leaves at its end."""
    owner = request.node.nodeid
    yield lambda make_frames, config: jobs.submit(make_frames, config, owner=owner)
    jobs.close(owner)
