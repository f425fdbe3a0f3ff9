"""One cluster, and one application on it, for all tests of Spark: starting them is the dearest part."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession
from tests.spark.cluster import Cluster, standalone

from candor.engine.spark import SparkEngine

pytest.register_assert_rewrite("tests.engine.conformance", "tests.spark.releases")

ZONE = "America/New_York"


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with standalone(tmp_path_factory.mktemp("spark")) as running:
        yield running


@pytest.fixture(scope="session")
def application(cluster: Cluster) -> Iterator[SparkEngine]:
    """The engine that started Spark in this process. Others join its application, and leave it running."""
    assert SparkSession.getActiveSession() is None
    engine = SparkEngine(ZONE, cluster.master, cluster.options)
    yield engine
    engine.close()
    assert SparkSession.getActiveSession() is None
