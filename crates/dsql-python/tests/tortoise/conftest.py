"""A schema of its own for each test, on either driver."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

import pytest
from tortoise import Tortoise
from tortoise.backends.base.executor import EXECUTOR_CACHE

import aurora_dsql_tortoise  # noqa: F401  (the URL schemes)

_numbers = itertools.count(1)


@pytest.fixture(params=["asyncpg", "psycopg"])
def driver(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def schema(dsql_url: str) -> Iterator[str]:
    name = f"tortoise_{next(_numbers)}"
    asyncio.run(_statement(dsql_url, f"CREATE SCHEMA {name}"))
    yield name
    asyncio.run(_statement(dsql_url, f"DROP SCHEMA {name} CASCADE"))


@pytest.fixture
def connected(dsql_url: str, driver: str, schema: str) -> Callable[..., Any]:
    """Tortoise on a schema of its own, with the tables of the models."""

    @asynccontextmanager
    async def connect(*models: ModuleType | str, tables: bool = True, **credentials: Any) -> AsyncIterator[Any]:
        # Tortoise keeps statements by the name of the connection: those of the other driver are written otherwise.
        EXECUTOR_CACHE.clear()
        await Tortoise.init(config=config(dsql_url, driver, *models, **{"schema": schema, **credentials}))
        try:
            if tables:
                await Tortoise.generate_schemas()
            yield connection()
        finally:
            await Tortoise.close_connections()

    return connect


def config(url: str, driver: str, *models: ModuleType | str, **credentials: Any) -> dict[str, Any]:
    from tortoise.backends.base.config_generator import expand_db_url

    expanded = expand_db_url(url.replace("dsql://", f"dsql+{driver}://"))
    expanded["credentials"] |= credentials
    return {
        "connections": {"default": expanded},
        "apps": {"models": {"models": [m if isinstance(m, str) else m.__name__ for m in models], "default_connection": "default"}},
    }


def connection(name: str = "default") -> Any:
    from tortoise import connections

    return connections.get(name)


async def rows(connection: Any, query: str) -> list[dict[str, Any]]:
    return await connection.execute_query_dict(query)


def run(work: Any) -> Any:
    return asyncio.run(asyncio.wait_for(work, 100))


async def _statement(url: str, statement: str) -> None:
    import asyncpg
    from dsql_orm import Settings, _driver

    settings = Settings(url)
    connection = await asyncpg.connect(**_driver.asyncpg(settings, orm="test"), password=settings.token())
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
