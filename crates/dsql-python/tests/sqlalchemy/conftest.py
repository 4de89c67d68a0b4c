"""Every test with `engine` runs on four: three drivers, psycopg also with asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from aurora_dsql_sqlalchemy import create_async_dsql_engine, create_dsql_engine
from dsql_orm import LocalCluster
from sqlalchemy import Engine, text
from sqlalchemy.util import greenlet_spawn

DRIVERS = ["psycopg", "psycopg2", "asyncpg", "psycopg-async"]


class Engines:
    """Makes engines on a cluster, and ends them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._made: list[Any] = []
        self._loop = asyncio.new_event_loop()

    def make(self, driver: str = "psycopg", **options: Any) -> Engine:
        """Of the drivers of asyncio, the one that is used in a greenlet: see `run`."""
        url = options.pop("url", self.url)
        if driver in ("asyncpg", "psycopg-async"):
            engine: Any = create_async_dsql_engine(url, driver=driver.removesuffix("-async"), **options)
            self._made.append(engine)
            return engine.sync_engine
        engine = create_dsql_engine(url, driver=driver, **options)
        self._made.append(engine)
        return engine

    def run(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        """Calls what uses engines of asyncio as if they were not."""
        return self._loop.run_until_complete(greenlet_spawn(function, *args, **kwargs))

    def close(self) -> None:
        async def close() -> None:
            for engine in self._made:
                await engine.dispose() if hasattr(engine, "sync_engine") else engine.dispose()

        self._loop.run_until_complete(close())
        self._loop.close()


@pytest.fixture
def engines(dsql_url: str) -> Iterator[Engines]:
    empty(dsql_url)
    engines = Engines(dsql_url)
    yield engines
    engines.close()


@pytest.fixture(params=DRIVERS)
def engine(request: pytest.FixtureRequest, engines: Engines) -> Engine:
    options = request.node.get_closest_marker("engine")
    return engines.make(request.param, **(options.kwargs if options else {}))


@pytest.fixture
def cluster(engines: Engines) -> Iterator[LocalCluster]:
    """One whose faults can be ordered, and where each change of the catalog is told with OC001."""
    cluster = LocalCluster()
    with pytest.MonkeyPatch.context() as environment:
        for name, value in cluster.env.items():
            if not name.startswith("PG"):
                environment.setenv(name, value)
        yield cluster
    cluster.stop()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    engines = pyfuncitem.funcargs.get("engines")
    if not isinstance(engines, Engines) and "engine" not in pyfuncitem.funcargs:
        return None
    engines = engines or pyfuncitem._request.getfixturevalue("engines")
    names = pyfuncitem._fixtureinfo.argnames
    engines.run(pyfuncitem.obj, **{name: pyfuncitem.funcargs[name] for name in names})
    return True


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "engine(**options): what create_dsql_engine is given")


def empty(url: str) -> None:
    """A cluster as it was, but for schemas."""
    engine = create_dsql_engine(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name, kind in connection.execute(text(RELATIONS)).all():
            what = {"r": "TABLE", "v": "VIEW", "S": "SEQUENCE"}[kind]
            connection.execute(text(f"DROP {what} IF EXISTS {name} CASCADE"))
    engine.dispose()


RELATIONS = """
SELECT c.oid::regclass::text, c.relkind FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'v', 'S') ORDER BY c.relkind = 'S'
"""
