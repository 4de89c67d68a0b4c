"""Tortoise's client of asyncpg, for the service."""

# The hooks of Tortoise are protected, and partly without types.
# pyright: reportPrivateUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAbstractUsage=false, reportMissingTypeStubs=false
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from __future__ import annotations

import asyncio
import random
import ssl
import time
from typing import Any

import asyncpg
from dsql_orm import _driver
from dsql_orm._run import Task
from pypika_tortoise.dialects.postgresql import PostgreSQLQuery, PostgreSQLQueryBuilder
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.backends.asyncpg.executor import AsyncpgExecutor
from tortoise.backends.base.client import TransactionalDBClient

from .._capabilities import CAPABILITIES
from .._client import DsqlClient
from .._executor import DsqlExecutor
from .._queries import DsqlQueryBuilder
from .._schema import DsqlSchemaGenerator
from .._transaction import DsqlTransaction


class _Executor(DsqlExecutor, AsyncpgExecutor):
    pass


class _QueryBuilder(DsqlQueryBuilder, PostgreSQLQueryBuilder):
    pass


class _Query(PostgreSQLQuery):
    @classmethod
    def _builder(cls, **kwargs: Any) -> PostgreSQLQueryBuilder:
        return _QueryBuilder(**kwargs)


class AuroraDSQLAsyncpgClient(DsqlClient, AsyncpgDBClient):
    query_class = _Query
    executor_class = _Executor
    schema_generator = DsqlSchemaGenerator
    capabilities = CAPABILITIES
    many_is_atomic = True

    async def create_pool(self, **kwargs: Any) -> asyncpg.Pool:
        own = _driver.asyncpg(self.settings, orm="tortoise")
        own["server_settings"] |= {name: value for name, value in kwargs["server_settings"].items() if value}
        given = {name: value for name, value in kwargs.items() if name not in own and name != "password"}
        if kwargs.get("timeout"):
            own["timeout"] = kwargs["timeout"]
        if isinstance(kwargs.get("ssl"), ssl.SSLContext):
            # One that was not made for TLS from the first byte.
            own |= {"ssl": kwargs["ssl"], "direct_tls": False}
        given["connection_class"] = _connection_class(kwargs["connection_class"], self.parameters.options.max_lifetime)
        return await asyncpg.create_pool(None, **own, **given, password=self._token)

    async def _token(self) -> str:
        return self.settings.kept_token() or await asyncio.to_thread(self.settings.token)

    async def _tag_of(self, connection: Any, statement: str) -> str:
        return await connection.execute(statement)

    async def _run_task(self, connection: Any, task: Task) -> Any:
        *before, last = task.statements
        for statement in before:
            await connection.execute(statement)
        if task.rows:
            return [tuple(row) for row in await connection.fetch(last)]
        *_, changed = (await connection.execute(last)).split(" ")
        return int(changed) if changed.isdigit() else 0

    async def _each(self, connection: Any, query: str, values: list[Any]) -> None:
        await connection.executemany(query, values)

    async def _one(self, connection: Any, query: str, values: list[Any]) -> None:
        await connection.execute(query, *values)


class _AsyncpgTransaction(DsqlTransaction, AuroraDSQLAsyncpgClient, TransactionalDBClient):
    pass


AuroraDSQLAsyncpgClient.transaction_class = _AsyncpgTransaction


def _connection_class(base: type[asyncpg.Connection], max_lifetime: float) -> type[asyncpg.Connection]:
    """A connection that leaves the pool before the service ends it, and is given back without a word.

    asyncpg's statements for a connection that is given back are advisory locks, cursors and listeners, which the
    service does not have, and RESET ALL, which it refuses.
    """

    class Connection(base):
        __slots__ = ("_until",)

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            # Connections that were made together are not replaced together.
            self._until = time.monotonic() + max_lifetime * random.uniform(0.9, 1.0)

        def get_reset_query(self) -> str:
            return ""

        async def reset(self, *, timeout: float | None = None) -> None:
            await super().reset(timeout=timeout)
            if time.monotonic() > self._until:
                await self.close(timeout=timeout)

    return Connection
