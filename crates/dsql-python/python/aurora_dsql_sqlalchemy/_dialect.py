"""What the dialects of the three drivers have in common."""

# SQLAlchemy's dialects of PostgreSQL carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from dsql_orm import (
    Attempts,
    CredentialsError,
    JobFailedError,
    Plan,
    RetryPolicy,
    Settings,
    SettingsError,
    class_of,
    kind,
    sqlstate_of,
    translate,
)
from dsql_orm._core import OWN_TABLES
from dsql_orm._run import Task, job, steps
from sqlalchemy import Connection, exc, types
from sqlalchemy.dialects.postgresql.base import PGDialect, PGExecutionContext
from sqlalchemy.engine.url import URL
from sqlalchemy.pool import Pool, PoolProxiedConnection
from sqlalchemy.sql.ddl import CreateIndex, CreateSequence, CreateTable
from sqlalchemy.util import await_only

from ._ddl import DSQLDDLCompiler, DSQLTypeCompiler, refused_cache
from ._locks import DSQLCompiler
from ._plans import refused, warn
from ._pool import AsyncDSQLPool, DSQLPool
from ._settings import settings_and_rest
from ._transactions import Transaction, UncommittedWritesError
from ._types import ArrayAsJSONB


class DSQLExecutionContext(PGExecutionContext):
    dialect: DSQLDialect
    kind: str = "read"

    def pre_exec(self) -> None:
        statement: Any = self.statement
        if self.isddl or self.is_text or self.compiled is None:
            self.kind = kind(statement)
            # Drivers forget what they have prepared.
            self.isddl = self.kind == "ddl"
        elif self.is_crud:
            self.kind = "write"
        super().pre_exec()

    def handle_dbapi_exception(self, e: BaseException) -> None:
        super().handle_dbapi_exception(e)
        self.dialect.failed(self, e)
        if class_of(e) == "schema_changed":
            self.forget_prepared()

    def forget_prepared(self) -> None:
        """Statements that drivers have prepared may not be what the catalog says now."""
        isddl, self.isddl = self.isddl, True
        super().pre_exec()
        self.isddl = isddl


class DSQLDialect(PGDialect):
    name = "auroradsql"
    supports_statement_cache = True
    # An enum is text with a CHECK.
    supports_native_enum = False
    supports_virtual_generated_columns = False

    statement_compiler = DSQLCompiler
    ddl_compiler = DSQLDDLCompiler
    type_compiler_cls = DSQLTypeCompiler
    execution_ctx_cls = DSQLExecutionContext

    def __init__(
        self,
        foreign_keys: str = "native",
        arrays: str = "refuse",
        sequence_cache: int = 65536,
        wait_for_indexes: bool = True,
        retry_policy: RetryPolicy | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        _one_of("foreign_keys", foreign_keys, "native", "omit")
        _one_of("arrays", arrays, "refuse", "jsonb")
        if refusal := refused_cache(sequence_cache):
            raise exc.ArgumentError(f"sequence_cache={sequence_cache}: {refusal}")
        self.foreign_keys: Any = foreign_keys
        self.arrays = arrays
        self.sequence_cache = sequence_cache
        self.wait_for_indexes = wait_for_indexes
        self.retry_policy = retry_policy
        # Those that were begun and not awaited, with their statements.
        self.jobs: dict[str, str] = {}
        self.dsql_settings: Settings | None = None
        self._cparams: dict[str, Any] | None = None
        self._arguments: dict[str, Any] = {}
        self._transactions: WeakKeyDictionary[Any, Transaction] = WeakKeyDictionary()
        if arrays == "jsonb":
            self.colspecs = {**self.colspecs, types.ARRAY: ArrayAsJSONB}

    def initialize(self, connection: Connection) -> None:
        super().initialize(connection)
        # Whatever the version of PostgreSQL says.
        self.supports_virtual_generated_columns = False

    # Connecting

    @classmethod
    def get_pool_class(cls, url: URL) -> type[Pool]:
        return AsyncDSQLPool if cls.is_async else DSQLPool

    def connect(self, *cargs: Any, **cparams: Any) -> Any:
        arguments = self.arguments(cparams)
        try:
            password = self._token(self.dsql_settings)
        except SettingsError as error:
            raise exc.ArgumentError(str(error)) from error
        except CredentialsError as error:
            raise self.loaded_dbapi.OperationalError(str(error)) from error
        return super().connect(**{**arguments, "password": password})

    def arguments(self, cparams: dict[str, Any]) -> dict[str, Any]:
        """What the driver is to be told, but the password. Made once: the settings keep the token."""
        if self._cparams != cparams:
            try:
                self.dsql_settings, rest = settings_and_rest(cparams)
                self._arguments = {**self.driver_arguments(self.dsql_settings), **rest}
            except (SettingsError, ssl.SSLError) as error:
                raise exc.ArgumentError(str(error)) from error
            self._cparams = dict(cparams)
        return self._arguments

    def driver_arguments(self, settings: Settings) -> dict[str, Any]:
        """What the driver is to be told, but the password."""
        raise NotImplementedError

    def _token(self, settings: Settings | None) -> str:
        assert settings is not None
        if not self.is_async:
            return settings.token()
        import asyncio

        # Others go on while credentials are asked for.
        return settings.kept_token() or await_only(asyncio.to_thread(settings.token))

    # Isolation

    def get_isolation_level(self, dbapi_connection: Any) -> Any:
        # There is no other. The server need not be asked, who might answer that the catalog has changed.
        return "REPEATABLE READ"

    def get_isolation_level_values(self, dbapi_conn: Any) -> tuple[str, ...]:
        return ("AUTOCOMMIT", "REPEATABLE READ")

    # Plans

    def plan(self, sql: str) -> Plan:
        """What is to run for a statement of DDL."""
        plan = translate(sql, foreign_keys=self.foreign_keys, identity_cache=self.sequence_cache)
        if plan.errors:
            raise refused(sql, plan)
        return plan

    def escaped(self, sql: str) -> str:
        return sql.replace("%", "%%") if self._has_percent_parameters else sql

    def unescaped(self, text: str) -> str:
        """As the server gets it."""
        return text.replace("%%", "%") if self._has_percent_parameters else text

    @property
    def _has_percent_parameters(self) -> bool:
        return self.paramstyle in ("format", "pyformat")

    # Statements

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        execute = super().do_execute
        if _is_ddl(context) and not parameters:
            self._run_ddl(cursor, self.unescaped(statement), context)
        else:
            self._run(context, lambda: execute(cursor, statement, parameters, context))

    def do_execute_no_params(self, cursor: Any, statement: str, context: Any = None) -> None:
        execute = super().do_execute_no_params
        if _is_ddl(context):
            self._run_ddl(cursor, statement, context)
        else:
            self._run(context, lambda: execute(cursor, statement, context))

    def do_executemany(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        execute = super().do_executemany
        self._run(context, lambda: execute(cursor, statement, parameters, context), is_one=False)

    def _run(self, context: Any, execute: Callable[[], None], *, is_one: bool = True) -> None:
        if not isinstance(context, DSQLExecutionContext):
            return execute()
        connection = context.root_connection.connection
        transaction = self.transaction(connection)
        if transaction.builds:
            self._wait_for_builds(connection)
        if transaction.failure and not _is_autocommit(connection) and (doom := transaction.doom()):
            raise doom
        is_first = not transaction.statements
        transaction.statements += 1
        transaction.wrote = transaction.wrote or context.kind == "write"
        try:
            execute()
        except self.loaded_dbapi.Error as error:
            # Of many that were committed one by one, the first would be done twice.
            if _is_autocommit(connection) and not is_one:
                raise
            self._run_again(error, context, execute, is_first)

    def _run_again(self, error: Any, context: DSQLExecutionContext, execute: Callable[[], None], first: bool) -> None:
        """Where nothing was done before a statement, one that hits a conflict is safe to run again."""
        connection: Any = context.root_connection.connection
        is_autocommit = _is_autocommit(connection)
        attempts = Attempts(self.retry_policy)
        while True:
            is_stale = class_of(error) == "schema_changed"
            again = is_autocommit or (first and is_stale)
            pause = attempts.pause(error, committing=is_autocommit) if again else None
            if pause is None or self.is_disconnect(error, connection.dbapi_connection, context.cursor):
                raise error
            connection.rollback()
            if is_stale:
                context.forget_prepared()
            self._sleep(pause)
            try:
                return execute()
            except self.loaded_dbapi.Error as another:
                error = another

    def failed(self, context: DSQLExecutionContext, error: BaseException) -> None:
        """A statement has failed; if the server said so, the transaction is aborted."""
        if context.kind == "ddl" or context.root_connection.invalidated:
            return
        connection = context.root_connection.connection
        if self.is_of_server(error) and not _is_autocommit(connection):
            self.transaction(connection).failure = error

    def is_of_server(self, error: BaseException) -> bool:
        """Did the server send the error, or has the driver found it?"""
        return sqlstate_of(error) is not None

    def _sleep(self, seconds: float) -> None:
        if not self.is_async:
            time.sleep(seconds)
            return
        import asyncio

        await_only(asyncio.sleep(seconds))

    # DDL

    def _run_ddl(self, cursor: Any, sql: str, context: Any) -> None:
        plan = self.plan(sql)
        connection = context.root_connection.connection
        is_text = context.compiled is None or context.is_text
        if is_text:
            warn(plan)
        construct = None if is_text else getattr(context.compiled, "statement", None)
        if not isinstance(construct, CreateTable | CreateIndex | CreateSequence):
            self._wait_for_builds(connection)
        # What follows a job needs its result.
        wait_within = any(step.kind == "async_ddl" for step in plan.steps[:-1])
        begun: list[str] = []
        with self.outside_transaction(connection, sql):
            self.run_tasks(connection, steps(sql, plan, wait=wait_within, jobs=begun))
        jobs = dict.fromkeys(begun, sql)
        if not context.execution_options.get("wait_for_indexes", self.wait_for_indexes):
            self.jobs |= jobs
        elif isinstance(construct, CreateIndex) and not _is_autocommit(connection):
            # Several are built at a time: create_all() makes one after the other.
            self.transaction(connection).builds |= jobs
        else:
            self.wait_for_jobs(connection, jobs)
        if is_text and plan.is_unchanged and jobs:
            # The row that the service answers.
            cursor.execute(f"SELECT '{begun[0]}' AS job_id")

    def _wait_for_builds(self, connection: Any) -> None:
        """Before anything else than another CREATE is done, and before the transaction ends."""
        transaction = self.transaction(connection)
        if transaction.builds and isinstance(connection, PoolProxiedConnection):
            builds, transaction.builds = transaction.builds, {}
            self.wait_for_jobs(connection, builds)

    def wait_for_jobs(self, connection: PoolProxiedConnection, jobs: dict[str, str]) -> None:
        """Waits for all; then the first that has failed is an error. jobs: the statement of each."""
        failures: list[JobFailedError] = []
        with self.outside_transaction(connection, "wait_for_jobs"):
            for job_id, sql in jobs.items():
                try:
                    self.run_tasks(connection, job(sql, job_id))
                except JobFailedError as failure:
                    failures.append(failure)
        if failures:
            raise failures[0]

    @contextmanager
    def outside_transaction(self, connection: PoolProxiedConnection, sql: str) -> Generator[None, None, None]:
        """Ends the transaction of the connection, unless there is something to lose."""
        dbapi_connection: Any = connection.dbapi_connection
        if dbapi_connection.autocommit:
            yield
            return
        transaction = self.transaction(connection)
        if doom := transaction.doom():
            connection.rollback()
            transaction.end()
            raise doom
        if transaction.wrote:
            raise UncommittedWritesError(
                "DDL runs in a transaction of its own on Aurora DSQL, and this one has changed rows that are not "
                f"committed: commit or roll back first, or run the DDL on another connection. The statement: {sql}"
            )
        connection.commit()
        transaction.end()
        dbapi_connection.autocommit = True
        try:
            yield
        finally:
            try:
                dbapi_connection.autocommit = False
            except self.loaded_dbapi.Error as error:
                # It must not go back to the pool as it is.
                connection.invalidate(error)

    def run_tasks(self, connection: PoolProxiedConnection, tasks: Generator[Task, Any, None]) -> None:
        """Runs a plan on a connection that commits by itself."""
        answer: Any = None
        while True:
            try:
                task = tasks.send(answer)
            except StopIteration:
                return
            answer = self._run_task(connection, task)

    def _run_task(self, connection: PoolProxiedConnection, task: Task) -> Any:
        attempts = Attempts(self.retry_policy)
        while True:
            try:
                return self._send(connection, task)
            except self.loaded_dbapi.Error as error:
                pause = attempts.pause(error, committing=True)
                if pause is None or self.is_disconnect(error, connection.dbapi_connection, None):
                    raise
            self._sleep(pause)

    def _send(self, connection: PoolProxiedConnection, task: Task) -> Any:
        cursor = connection.cursor()
        try:
            if len(task.statements) == 1:
                return _answer(cursor, task)
            cursor.execute("BEGIN")
            try:
                answer = _answer(cursor, task)
                cursor.execute("COMMIT")
                return answer
            except self.loaded_dbapi.Error as error:
                if not self.is_disconnect(error, connection.dbapi_connection, cursor):
                    cursor.execute("ROLLBACK")
                raise
        finally:
            cursor.close()

    # Reflection

    def get_table_names(self, connection: Connection, schema: str | None = None, **kw: Any) -> list[str]:
        names: list[str] = super().get_table_names(connection, schema, **kw)
        return [name for name in names if name not in OWN_TABLES]

    def _load_enums(self, connection: Connection, schema: str | None = None, **kw: Any) -> list[Any]:
        # There are none, and AWS's documentation has pg_enum among the catalogs that are not supported. Where
        # SQLAlchemy asks by another name, it is answered by the catalog.
        return []

    def get_multi_indexes(self, connection: Connection, *args: Any, **kw: Any) -> list[Any]:
        found = list(super().get_multi_indexes(connection, *args, **kw))
        for _, indexes in found:
            for index in indexes:
                # There is one method only, and it cannot be named.
                index.get("dialect_options", {}).pop("postgresql_using", None)
                _rename_options(index)
        return found

    def get_multi_unique_constraints(self, connection: Connection, *args: Any, **kw: Any) -> list[Any]:
        found = list(super().get_multi_unique_constraints(connection, *args, **kw))
        for _, constraints in found:
            for constraint in constraints:
                _rename_options(constraint)
        return found

    def get_multi_pk_constraint(self, connection: Connection, *args: Any, **kw: Any) -> list[Any]:
        found = list(super().get_multi_pk_constraint(connection, *args, **kw))
        for _, key in found:
            # The index of the key is the table.
            if key and "dialect_options" in key:
                key["dialect_options"].pop("postgresql_include", None)
        return found

    # Transactions

    def transaction(self, connection: Any) -> Transaction:
        """What is known of the transaction of a connection, of the pool's or the driver's."""
        raw = connection.dbapi_connection if isinstance(connection, PoolProxiedConnection) else connection
        if raw is None:
            return Transaction()
        key = self.get_driver_connection(raw)
        transaction = self._transactions.get(key)
        if transaction is None:
            transaction = self._transactions[key] = Transaction()
        return transaction

    def do_begin(self, dbapi_connection: Any) -> None:
        self.transaction(dbapi_connection).end()
        super().do_begin(dbapi_connection)

    def do_rollback(self, dbapi_connection: Any) -> None:
        self._wait_for_builds(dbapi_connection)
        self.transaction(dbapi_connection).end()
        super().do_rollback(dbapi_connection)

    def do_commit(self, dbapi_connection: Any) -> None:
        transaction = self.transaction(dbapi_connection)
        self._wait_for_builds(dbapi_connection)
        doom = transaction.doom()
        transaction.end()
        if doom and not _is_autocommit(dbapi_connection):
            super().do_rollback(dbapi_connection)
            raise doom
        super().do_commit(dbapi_connection)

    def do_savepoint(self, connection: Connection, name: str) -> None:
        self.transaction(connection.connection).begin_nested(name)

    def do_release_savepoint(self, connection: Connection, name: str) -> None:
        pass

    def do_rollback_to_savepoint(self, connection: Connection, name: str) -> None:
        self.transaction(connection.connection).roll_back_nested(name)

    def do_begin_twophase(self, connection: Connection, xid: Any) -> None:
        raise exc.InvalidRequestError("Aurora DSQL has no two-phase commit (PREPARE TRANSACTION): use begin()")


def _rename_options(reflected: dict[str, Any]) -> None:
    """Options are told by the name of this dialect."""
    if options := reflected.get("dialect_options"):
        reflected["dialect_options"] = {
            name.replace("postgresql_", "auroradsql_"): value for name, value in options.items()
        }


def _answer(cursor: Any, task: Task) -> Any:
    for statement in task.statements:
        cursor.execute(statement)
    return [tuple(row) for row in cursor.fetchall()] if task.rows else cursor.rowcount


def _is_ddl(context: Any) -> bool:
    return isinstance(context, DSQLExecutionContext) and context.kind == "ddl"


def _is_autocommit(connection: Any) -> bool:
    return bool(getattr(connection, "dbapi_connection", connection).autocommit)


def _one_of(name: str, value: str, *known: str) -> None:
    if value not in known:
        raise exc.ArgumentError(f"{name} is {value!r}: it can be {' or '.join(map(repr, known))}")
