"""The root conftest that Tortoise's source distribution lacks, for the engines of aurora_dsql_tortoise.

A database of a test is a schema, since a cluster has one database. There are no savepoints, so no transaction is
wrapped around a test that the test would not see: what a test leaves behind is deleted after it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import asyncpg
import aurora_dsql_tortoise  # noqa: F401  (the URL schemes)
import pytest
import pytest_asyncio
from dsql_orm import Settings, _driver
from tortoise.context import TortoiseContext, tortoise_test_context

DRIVER = os.environ["TORTOISE_SUITE_DRIVER"]
URL = os.environ["TORTOISE_TEST_DB"]
EXCLUDED: dict[str, str] = json.loads(Path(os.environ["TORTOISE_SUITE_EXCLUDED"]).read_text())

engine = import_module(f"aurora_dsql_tortoise.{DRIVER}")
Client: Any = engine.client_class
made: list[str] = []


def _init(self: Any, *args: Any, database: str | None = None, **kwargs: Any) -> None:
    if database and database.startswith("test_"):
        kwargs.setdefault("schema", database)
        self._own_schema = database
    Client.__init__(self, *args, database="postgres", **kwargs)


async def _db_create(self: Any) -> None:
    await self.create_connection(with_db=False)
    await self.execute_script(f'CREATE SCHEMA "{self._own_schema}"')
    made.append(self._own_schema)
    await self.close()


async def _db_delete(self: Any) -> None:
    await self.create_connection(with_db=False)
    await self.execute_script(f'DROP SCHEMA IF EXISTS "{self._own_schema}" CASCADE')
    await self.close()


engine.client_class = type(
    Client.__name__,
    (Client,),
    {
        "__module__": Client.__module__,
        "__init__": _init,
        "db_create": _db_create,
        "db_delete": _db_delete,
        "_own_schema": None,
    },
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    unused = set(EXCLUDED)
    for item in items:
        for place in (item.nodeid, item.nodeid.split("[")[0], item.nodeid.split("::")[0]):
            if place in EXCLUDED:
                unused.discard(place)
                item.add_marker(pytest.mark.skip(reason=f"excluded: {EXCLUDED[place]}"))
                break
    if unused and len(items) > 1000:
        raise pytest.UsageError(f"excluded, but not there: {sorted(unused)}")
    for name, module in sys.modules.items():
        if name.endswith("contrib.postgres.conftest"):
            # The service is one.
            vars(module)["skip_if_not_postgres"] = lambda: None


def _context() -> Any:
    return tortoise_test_context(
        modules=["tests.testmodels"], db_url=URL, app_label="models", connection_label="models"
    )


@pytest_asyncio.fixture(scope="module")
async def db_module() -> AsyncIterator[TortoiseContext]:
    async with _context() as context:
        yield context


@pytest_asyncio.fixture
async def db(db_module: TortoiseContext) -> AsyncIterator[TortoiseContext]:
    with db_module:
        yield db_module
        await _empty(db_module)


@pytest_asyncio.fixture
async def db_truncate(db: TortoiseContext) -> AsyncIterator[TortoiseContext]:
    yield db


@pytest_asyncio.fixture
async def db_simple(db: TortoiseContext) -> AsyncIterator[TortoiseContext]:
    yield db


@pytest_asyncio.fixture
async def fresh() -> AsyncIterator[TortoiseContext]:
    """For tests that take their database away."""
    async with _context() as context:
        yield context


@pytest_asyncio.fixture
async def db_isolated(db: TortoiseContext) -> AsyncIterator[TortoiseContext]:
    yield db


async def _empty(context: TortoiseContext) -> None:
    """Deletes what is there, table by table, until foreign keys let all of it go."""
    connection: Any = context.connections.get("models")
    tables = {
        table
        for model in context.apps.get_models_iterable()  # type: ignore[union-attr]
        for table in [
            model._meta.db_table,
            *(model._meta.fields_map[name].through for name in model._meta.m2m_fields),  # type: ignore[attr-defined]
        ]
    }
    asked = " UNION ALL ".join(
        f"SELECT '{table}' AS name WHERE EXISTS (SELECT 1 FROM \"{table}\")" for table in sorted(tables)
    )
    for _ in range(10):
        full = [row["name"] for row in await connection.execute_query_dict(asked)]
        if not full:
            return
        for table in full:
            try:
                await connection.execute_query(f'DELETE FROM "{table}"')
            except Exception as error:
                last = error
    raise last


@pytest.fixture(scope="module", autouse=True)
def _schemas_of_a_module() -> Iterator[None]:
    yield
    _drop(made)


@pytest.fixture(autouse=True)
def _schemas_of_a_test(_schemas_of_a_module: None) -> Iterator[None]:
    """Dropped at once: a database has room for ten, and for a thousand tables. Those of its module are there before."""
    before = set(made)
    yield
    _drop([schema for schema in made if schema not in before])


def _drop(schemas: list[str]) -> None:
    async def drop() -> None:
        settings = Settings()
        connection = await asyncpg.connect(**_driver.asyncpg(settings, orm="test"), password=settings.token())
        for schema in list(schemas):
            try:
                await connection.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE', timeout=10)
            except TimeoutError:
                # A test left a transaction open.
                continue
            made.remove(schema)
        connection.terminate()

    if schemas:
        loop = asyncio.new_event_loop()
        loop.run_until_complete(drop())
        loop.close()
