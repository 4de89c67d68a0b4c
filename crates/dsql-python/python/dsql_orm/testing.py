"""For pytest: a local cluster as a fixture. Loaded by itself where dsql-orm is installed.

    def test_pets(dsql_url):
        engine = create_dsql_engine(dsql_url)

With DSQL_URL in the environment the tests run on that cluster instead.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from ._core import LocalCluster


@pytest.fixture(scope="session")
def dsql_cluster() -> Iterator[LocalCluster]:
    """A local cluster for all tests of the session. Its catalog changes disturb no one: OC001 is off."""
    cluster = LocalCluster(schema_conflicts=False)
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def dsql_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of the cluster in DSQL_URL, or of a local one, whose keys are then in the environment."""
    if url := os.environ.get("DSQL_URL"):
        yield url
        return
    cluster: LocalCluster = request.getfixturevalue("dsql_cluster")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in cluster.env.items():
            if not name.startswith("PG"):
                environment.setenv(name, value)
        yield cluster.url
