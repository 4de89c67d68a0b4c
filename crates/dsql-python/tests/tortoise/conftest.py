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
from tortoise_support import config, connection, statement

_numbers = itertools.count(1)


@pytest.fixture(params=["asyncpg", "psycopg"])
def driver(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def schema(dsql_url: str) -> Iterator[str]:
    name = f"tortoise_{next(_numbers)}"
    asyncio.run(statement(dsql_url, f"CREATE SCHEMA {name}"))
    yield name
    asyncio.run(statement(dsql_url, f"DROP SCHEMA {name} CASCADE"))


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
