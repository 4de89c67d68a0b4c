"""Tortoise's client of psycopg, for the service."""

# The hooks of Tortoise are protected, and partly without types.
# pyright: reportPrivateUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAbstractUsage=false, reportMissingTypeStubs=false
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from __future__ import annotations

import asyncio
import re
from typing import Any

import psycopg
from dsql_orm import _driver
from dsql_orm._run import Task
from psycopg.conninfo import make_conninfo
from psycopg.rows import tuple_row
from tortoise.backends.base.client import TransactionalDBClient
from tortoise.backends.psycopg.client import (
    AsyncConnectionPool,
    PsycopgClient,
    PsycopgSQLQuery,
    PsycopgSQLQueryBuilder,
)
from tortoise.backends.psycopg.executor import PsycopgExecutor

from .._capabilities import CAPABILITIES
from .._client import DsqlClient
from .._executor import DsqlExecutor
from .._queries import DsqlQueryBuilder
from .._schema import DsqlSchemaGenerator
from .._transaction import DsqlTransaction

_PLACEHOLDER = re.compile(r"\$([0-9]+)")


class _Executor(DsqlExecutor, PsycopgExecutor):
    pass


class _QueryBuilder(DsqlQueryBuilder, PsycopgSQLQueryBuilder):
    pass


class _Query(PsycopgSQLQuery):
    @classmethod
    def _builder(cls, **kwargs: Any) -> PsycopgSQLQueryBuilder:
        return _QueryBuilder(**kwargs)


class AuroraDSQLPsycopgClient(DsqlClient, PsycopgClient):
    query_class = _Query
    executor_class = _Executor
    schema_generator: Any = DsqlSchemaGenerator
    capabilities = CAPABILITIES

    async def create_pool(self, **kwargs: Any) -> AsyncConnectionPool:
        own = _driver.libpq(self.settings, orm="tortoise", driver="psycopg", libpq_version=psycopg.pq.version())
        # A server that lives on a connection that is lost shall not be asked first by the application.
        kwargs.setdefault("check", AsyncConnectionPool.check_connection)
        kwargs["max_lifetime"] = self.parameters.options.max_lifetime
        kwargs["conninfo"] = make_conninfo(**own)
        kwargs["connection_class"] = self._connection_class(kwargs["connection_class"])
        return await super().create_pool(**kwargs)

    def _connection_class(self, base: type[psycopg.AsyncConnection[Any]]) -> type[psycopg.AsyncConnection[Any]]:
        """A connection that signs in with a token of its own."""
        settings = self.settings

        class Connection(base):
            @classmethod
            async def connect(cls, conninfo: str = "", **kwargs: Any) -> Any:
                token = settings.kept_token() or await asyncio.to_thread(settings.token)
                return await super().connect(conninfo, password=token, **kwargs)

        return Connection

    async def execute_query(self, query: str, values: list[Any] | None = None, **kwargs: Any) -> Any:
        if values and "%" not in query and "$1" in query:
            # Tortoise's own record of migrations is written in PostgreSQL's placeholders.
            values = [values[int(number) - 1] for number in _PLACEHOLDER.findall(query)]
            query = _PLACEHOLDER.sub("%s", query)
        return await super().execute_query(query, values, **kwargs)

    async def _tag_of(self, connection: Any, statement: str) -> str:
        cursor = await connection.execute(statement)
        return cursor.statusmessage or ""

    async def _run_task(self, connection: Any, task: Task) -> Any:
        async with connection.cursor(row_factory=tuple_row) as cursor:
            for statement in task.statements:
                await cursor.execute(statement)
            if task.rows:
                return await cursor.fetchall()
            return max(cursor.rowcount, 0)

    async def _each(self, connection: Any, query: str, values: list[Any]) -> None:
        async with connection.cursor() as cursor:
            await cursor.executemany(query, values)

    async def _one(self, connection: Any, query: str, values: list[Any]) -> None:
        await connection.execute(query, values)


class _PsycopgTransaction(DsqlTransaction, AuroraDSQLPsycopgClient, TransactionalDBClient):
    pass


AuroraDSQLPsycopgClient.transaction_class = _PsycopgTransaction
