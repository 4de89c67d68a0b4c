"""What both drivers' clients do alike."""

# The hooks of Tortoise are protected, and partly without types.
# pyright: reportPrivateUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAbstractUsage=false, reportMissingTypeStubs=false
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from socket import gaierror
from typing import TYPE_CHECKING, Any, TypeVar

from dsql_orm import Attempts, Settings, kind, split, translate
from dsql_orm._run import Task, Tasks, job, steps
from tortoise.backends.base.client import TransactionContext
from tortoise.exceptions import BaseORMException, OperationalError

from ._errors import translated
from ._journal import Journal
from ._queries import Batched
from ._rows import batches, statements
from ._schema import statements_of
from ._settings import Parameters
from ._transaction import DsqlTransaction, Transaction

if TYPE_CHECKING:
    from tortoise.backends.base_postgres.client import BasePostgresClient

    _Base = BasePostgresClient
else:
    _Base = object


T = TypeVar("T")


class DsqlClient(_Base):
    """A mixin before Tortoise's client of a driver."""

    transaction_class: type[DsqlTransaction]
    # Does the driver send many rows as one transaction of its own?
    many_is_atomic = False
    parameters: Parameters

    def __init__(
        self,
        user: str | None = None,
        password: Any = None,
        database: str | None = None,
        host: str | None = None,
        port: Any = None,
        **kwargs: Any,
    ) -> None:
        self.parameters = Parameters({"password": password, "port": port, **kwargs})
        super().__init__(user, None, database or "postgres", host, port or 5432, **self.parameters.driver)
        self._settings: Settings | None = None
        self._journal: Journal | None = None

    @property
    def settings(self) -> Settings:
        """The settings of the connection, as the core reads them."""
        if self._settings is None:
            self._settings = self.parameters.settings(self)
        return self._settings

    async def db_create(self) -> None:
        raise OperationalError(_ONE_DATABASE)

    async def db_delete(self) -> None:
        raise OperationalError(_ONE_DATABASE)

    def _in_transaction(self) -> TransactionContext:
        client: Any = self.transaction_class(self)
        return Transaction(client, self._pool_init_lock)

    async def close(self) -> None:
        if self._journal:
            journal, self._journal = self._journal, None
            await journal.close()
        await super().close()

    async def execute_many(self, query: str, values: list[Any]) -> None:
        """Batches of rows, a transaction each: one could not hold them all."""
        for batch in batches(values, self.parameters.options.batch_rows):
            await self._guarded(_in_batch, query, batch)

    async def execute_query(self, query: str, *args: Any, **kwargs: Any) -> Any:
        if isinstance(query, Batched):
            changed = 0
            for statement, values in query.parts:
                changed += (await super().execute_query(statement, values, **kwargs))[0]
            return changed, []
        if kind(query) == "ddl":
            await self.execute_script(query)
            return 0, []
        answer = await super().execute_query(query, *args, **kwargs)
        await self._migrated(query)
        return answer

    async def execute_script(self, query: str) -> None:
        """Statements of the schema run as a plan: as the service takes them, each in a transaction of its own."""
        if not self._changes_schema(query):
            await super().execute_script(query)
        elif self._journal:
            # An operation of one of Tortoise's own migrations. Its transaction holds nothing yet.
            await self._journal.run(query)
        else:
            async with self.acquire_connection() as connection:
                await self._run_plan(connection, query)
            if _MIGRATIONS in query:
                # The first thing that Tortoise's executor of migrations does.
                self._journal = Journal(self)

    async def execute_insert(self, query: str, values: list[Any]) -> Any:
        answer = await super().execute_insert(query, values)
        await self._migrated(query)
        return answer

    async def _migrated(self, query: str) -> None:
        if self._journal and _MIGRATIONS in query and query.startswith(("INSERT", "DELETE")):
            # A migration is entered, or taken out: what it did is done.
            await self._journal.done()

    async def change_schema(self, script: str, *, wait: bool | None = None) -> None:
        """Runs a script that is written for PostgreSQL, and begins all its jobs before it waits for them.

        wait: until indexes are built; else as the connection says.
        """
        wait = self.parameters.options.wait_for_indexes if wait is None else wait
        async with self.acquire_connection() as connection:
            begun = await self._run_plan(connection, script, wait=False, jobs=[] if wait else None)
            for job_id, statement in begun.items():
                await self._translated(self._run_tasks(connection, job(statement, job_id)))

    async def _translate_exceptions(self, func: Any, *args: Any, **kwargs: Any) -> Any:
        """Every statement outside a transaction comes through here. What was not applied is tried again."""
        attempts: Attempts | None = None
        while True:
            try:
                return await func(self, *args, **kwargs)
            except Exception as error:
                committing = not (
                    isinstance(error, ConnectionRefusedError | gaierror)
                    or (args and isinstance(args[0], str) and kind(args[0]) == "read")
                )
                attempts = attempts or Attempts(self.parameters.options.retry)
                pause = None if isinstance(error, BaseORMException) else attempts.pause(error, committing=committing)
                if pause is None:
                    meant = translated(error, committing=committing)
                    if meant is error:
                        raise
                    raise meant from error
            await asyncio.sleep(pause)

    _guarded = _translate_exceptions

    @staticmethod
    def _changes_schema(script: str) -> bool:
        return any(kind(statement) == "ddl" for statement in split(script))

    async def _run_plan(
        self, connection: Any, script: str, *, wait: bool = True, jobs: list[str] | None = None
    ) -> dict[str, str]:
        """Answers the jobs that it began and did not wait for, with the statement of each, if `jobs` is given."""
        options = self.parameters.options
        script = ";\n".join(statements_of(script, options.sequence_cache))
        plan = translate(script, foreign_keys=options.foreign_keys)
        for note in plan.notes:
            self.log.info("%s [%s]", note.message, note.rule)
        return await self._translated(self._run_tasks(connection, steps(script, plan, wait=wait, jobs=jobs), jobs))

    async def _run_tasks(self, connection: Any, tasks: Tasks, jobs: Sequence[str] | None = None) -> dict[str, str]:
        begun: dict[str, str] = {}
        answer: Any = None
        statement = ""
        while True:
            try:
                task = tasks.send(answer)
            except StopIteration:
                task = None
            if jobs and len(jobs) > len(begun):
                begun[jobs[-1]] = statement
            if task is None:
                return begun
            statement = task.statements[-1]
            self.log.debug("%s", "; ".join(task.statements))
            answer = await self._attempted(connection, task)

    async def _translated(self, work: Awaitable[T], *, committing: bool = False) -> T:
        try:
            return await work
        except Exception as error:
            meant = translated(error, committing=committing)
            if meant is error:
                raise
            raise meant from error

    async def _attempted(self, connection: Any, task: Task) -> Any:
        attempts = Attempts(self.parameters.options.retry)
        while True:
            try:
                if len(task.statements) == 1:
                    return await self._run_task(connection, task)
                await self._send(connection, "BEGIN")
                answer = await self._run_task(connection, task)
                await self._send(connection, "COMMIT", committing=True)
                return answer
            except Exception as error:
                pause = attempts.pause(error, committing=True)
                if len(task.statements) > 1:
                    with suppress(Exception):
                        await self._send(connection, "ROLLBACK")
                if pause is None:
                    raise
            await asyncio.sleep(pause)

    async def _send(self, connection: Any, statement: str, *, committing: bool = False) -> str:
        """Sends BEGIN, COMMIT or ROLLBACK, and answers the service's tag."""
        return await self._translated(self._tag_of(connection, statement), committing=committing)

    async def _tag_of(self, connection: Any, statement: str) -> str:
        raise NotImplementedError

    async def _run_task(self, connection: Any, task: Task) -> Any:
        raise NotImplementedError

    async def _many(self, connection: Any, query: str, values: list[Any]) -> None:
        self.log.debug("%s: %s rows", query, len(values))
        many = statements(query, values)
        if many is None:
            await self._each(connection, query, values)
        for statement, parameters in many or ():
            await self._one(connection, statement, parameters)

    async def _each(self, connection: Any, query: str, values: list[Any]) -> None:
        raise NotImplementedError

    async def _one(self, connection: Any, query: str, values: list[Any]) -> None:
        raise NotImplementedError


async def _in_batch(client: DsqlClient, query: str, values: list[Any]) -> None:
    async with client.acquire_connection() as connection:
        if client.many_is_atomic:
            return await client._many(connection, query, values)
        await client._tag_of(connection, "BEGIN")
        try:
            await client._many(connection, query, values)
            await client._tag_of(connection, "COMMIT")
        except BaseException:
            with suppress(Exception):
                await client._tag_of(connection, "ROLLBACK")
            raise


# Where Tortoise's executor enters its migrations.
_MIGRATIONS = '"tortoise_migrations"'

_ONE_DATABASE = (
    "A cluster has one database, postgres: there is no CREATE DATABASE or DROP DATABASE. For tests, start a local "
    "cluster (the fixture dsql_url of dsql_orm.testing), or set a schema of its own for each connection (schema=)"
)
