"""How Alembic talks to Aurora DSQL."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from alembic.ddl import postgresql
from alembic.util import CommandError
from dsql_orm import Attempts, Migration, MigrationError, Plan, Settings, class_of, kind
from sqlalchemy import BigInteger, Column, Connection, Dialect, Index, Integer, event, exc
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import NullType

log = logging.getLogger("alembic.auroradsql")

# Rows of one transaction when a list of them is inserted: the service takes 3,000.
BATCH_ROWS = 1000


class DSQLImpl(postgresql.PostgresqlImpl):
    """PostgreSQL's, each statement committed by itself."""

    __dialect__ = "auroradsql"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whatever env.py says, there is no transaction around several statements of DDL.
        self.transactional_ddl = False

    def start_migrations(self) -> None:
        super().start_migrations()
        # Other commands than upgrade, downgrade and stamp only look.
        if self.connection is not None and not self.as_sql and "destination_rev" in self.context_opts:
            _Run(self.connection, self.context_opts)

    def create_index(self, index: Index, **kw: Any) -> None:
        table = index.table
        for name in index.kwargs.get("auroradsql_include") or ():
            if table is not None and name not in table.c:
                # What a migration says of a table is no more than the statement needs.
                table.append_column(Column(name, NullType()))
        super().create_index(index, **kw)

    def static_output(self, text: str) -> None:
        if self.as_sql and kind(text) == "ddl":
            text = str(_plan(text, self.dialect)).rstrip()
        super().static_output(text)

    def compare_type(self, inspector_column: Column[Any], metadata_column: Column[Any]) -> bool:
        if _is_widened(inspector_column, metadata_column, self.dialect):
            return False
        return bool(super().compare_type(inspector_column, metadata_column))  # type: ignore[no-untyped-call]

    def adjust_reflected_dialect_options(self, reflected_object: Any, kind: str) -> dict[str, Any]:
        options: dict[str, Any] = super().adjust_reflected_dialect_options(reflected_object, kind)
        if not options.get("auroradsql_include"):
            options.pop("auroradsql_include", None)
        return options

    def _dialect_options(self, item: Any) -> tuple[Any, ...]:
        if item.dialect_kwargs.get("auroradsql_nulls_not_distinct"):
            return ("nulls_not_distinct",)
        return super()._dialect_options(item)

    def _compare_identity_default(self, metadata_identity: Any, inspector_identity: Any) -> Any:
        if metadata_identity is None and _is_autoincrement(inspector_identity):
            return set[str](), set[str](), False
        compared: Any = super()._compare_identity_default(metadata_identity, inspector_identity)  # type: ignore[no-untyped-call]
        return compared


# Alembic knows these by the name of the dialect.
compiles(postgresql.PostgresqlColumnType, "auroradsql")(postgresql.visit_column_type)


class _Run:
    """A run of migrations on a connection, until that goes back to its pool."""

    def __init__(self, connection: Connection, opts: dict[str, Any]) -> None:
        self._connection = connection
        self._version_table: str = opts.get("version_table", "alembic_version")
        self._version_schema: str | None = opts.get("version_table_schema")
        self._work: str | None = None
        dialect: Any = connection.dialect
        settings: Settings | None = dialect.dsql_settings
        self._migration: Migration | None = None
        if settings:
            try:
                self._migration = Migration(settings, purpose="alembic", orm="alembic", on_progress=log.info)
            except MigrationError as error:
                raise CommandError(str(error)) from error
        else:
            log.warning(
                "the engine was made with a creator of its own, so that this run cannot go on where it was when it is "
                "interrupted, and is not alone"
            )
        connection.info[RUN] = self
        for name, listener in LISTENERS:
            if not event.contains(connection.engine, name, listener):
                event.listen(connection.engine, name, listener)

    def close(self) -> None:
        if self._migration:
            self._migration.close()

    def run(
        self, cursor: Any, statement: str, parameters: Any, context: Any, execute: Callable[..., None]
    ) -> bool | None:
        """True: it has run. None: it is for SQLAlchemy to run."""
        what = kind(statement)
        if what == "ddl":
            return self._ddl(cursor, statement, parameters, context)
        if what == "write":
            return self._write(cursor, statement, parameters, context, execute)
        return None

    def _ddl(self, cursor: Any, statement: str, parameters: Any, context: Any) -> bool | None:
        # What was read so far was read before the change.
        context.dialect.do_rollback(cursor.connection)
        if self._migration is None or self._is_version_table(context):
            return None
        if parameters is not None:
            statement = context.dialect.unescaped(statement)
        self._begin(cursor)
        try:
            dialect = context.dialect
            self._migration.ddl(statement, foreign_keys=dialect.foreign_keys, identity_cache=dialect.sequence_cache)
        except MigrationError as error:
            raise CommandError(str(error)) from error
        self._catch_up(cursor, context)
        return True

    def _write(self, cursor: Any, statement: str, parameters: Any, context: Any, execute: Callable[..., None]) -> bool:
        entry = None
        is_version = self._is_version_table(context)
        if self._migration and not is_version:
            self._begin(cursor)
            entry = self._migration.write(statement, repr(parameters))
            if entry is None:
                self._skip(statement, context)
                return True
        attempts = Attempts()
        while True:
            try:
                execute(cursor, statement, parameters, context)
                if entry:
                    _fetch(cursor, entry)
                context.dialect.do_commit(cursor.connection)
                break
            except Exception as error:
                # Where COMMIT was lost the connection is, too; the record tells the next run.
                context.dialect.do_rollback(cursor.connection)
                pause = attempts.pause(error)
                if pause is None or context.dialect.is_disconnect(error, cursor.connection, cursor):
                    raise
                time.sleep(pause)
        if self._migration and entry:
            self._migration.written()
        if self._migration and is_version and self._work:
            self._migration.forget([self._work])
            self._work = None
        return True

    def _begin(self, cursor: Any) -> None:
        """Work is named by the revisions that it starts from."""
        if self._work is None and self._migration:
            heads = ", ".join(self._heads(cursor)) or "base"
            table = f"{self._version_schema}.{self._version_table}" if self._version_schema else self._version_table
            self._work = f"alembic {table} from {heads}"
            if done := self._migration.begin(self._work):
                log.info("Goes on: %s statements were run before", done)

    def _heads(self, cursor: Any) -> list[str]:
        preparer = self._connection.dialect.identifier_preparer
        table = preparer.quote(self._version_table)
        if self._version_schema:
            table = f"{preparer.quote_schema(self._version_schema)}.{table}"
        quoted = table.replace("'", "''")
        if not _fetch(cursor, f"SELECT to_regclass('{quoted}')::text", rows=True)[0][0]:
            return []
        return sorted(row[0] for row in _fetch(cursor, f"SELECT version_num FROM {table}", rows=True))

    def _is_version_table(self, context: Any) -> bool:
        construct = getattr(context.compiled, "statement", None)
        table = getattr(construct, "table", None)
        if table is None:
            table = getattr(construct, "element", None)
        name, schema = getattr(table, "name", None), getattr(table, "schema", None)
        return name == self._version_table and schema == self._version_schema

    def _skip(self, statement: str, context: Any) -> None:
        if getattr(context.compiled, "effective_returning", None):
            raise CommandError(
                "this statement was run before the migration was interrupted, and the rows that it answered were not "
                "kept, so that the migration cannot go on by itself. Undo what it has done, DELETE FROM dsql_record "
                f"WHERE work = '{self._work}', and run it again. The statement: {statement}"
            )

    def _catch_up(self, cursor: Any, context: Any) -> None:
        """The first statement after a change of the catalog may be refused, once."""
        try:
            _fetch(cursor, "SELECT 1", rows=True)
        except Exception as error:
            if class_of(error) != "schema_changed":
                raise
        context.dialect.do_rollback(cursor.connection)


def _run_of(context: Any) -> _Run | None:
    return context.root_connection.info.get(RUN) if context is not None else None


def _on_execute(cursor: Any, statement: str, parameters: Any, context: Any) -> bool | None:
    run = _run_of(context)
    return run and run.run(cursor, statement, parameters, context, context.dialect.do_execute)


def _on_execute_no_params(cursor: Any, statement: str, context: Any) -> bool | None:
    def execute(cursor: Any, statement: str, parameters: Any, context: Any) -> None:
        context.dialect.do_execute_no_params(cursor, statement, context)

    run = _run_of(context)
    return run and run.run(cursor, statement, None, context, execute)


def _on_executemany(cursor: Any, statement: str, parameters: Sequence[Any], context: Any) -> bool | None:
    run = _run_of(context)
    handled = None
    for first in range(0, len(parameters) if run else 0, BATCH_ROWS):
        rows = parameters[first : first + BATCH_ROWS]
        handled = run and run.run(cursor, statement, rows, context, context.dialect.do_executemany)
        if not handled:
            break
    return handled


def _on_checkin(_dbapi_connection: Any, record: Any) -> None:
    run = record.info.pop(RUN, None)
    if run:
        run.close()


# Where a connection holds its run.
RUN = "dsql_alembic"
LISTENERS: list[tuple[str, Callable[..., Any]]] = [
    ("do_execute", _on_execute),
    ("do_execute_no_params", _on_execute_no_params),
    ("do_executemany", _on_executemany),
    ("checkin", _on_checkin),
]


def _fetch(cursor: Any, sql: str, *, rows: bool = False) -> list[Any]:
    own = cursor.connection.cursor()
    try:
        own.execute(sql)
        return list(own.fetchall()) if rows else []
    finally:
        own.close()


def _plan(sql: str, dialect: Any) -> Plan:
    try:
        plan: Plan = dialect.plan(sql)
    except exc.CompileError as error:
        raise CommandError(str(error.__cause__)) from error
    return plan


def _is_autoincrement(identity: Any) -> bool:
    """Is it what an integer key becomes by itself?"""
    column = getattr(identity, "column", None)
    return column is not None and column.primary_key


def _is_widened(inspector_column: Column[Any], metadata_column: Column[Any], dialect: Dialect) -> bool:
    """Keys that are generated are bigint on the service, and so is what references them."""
    if not isinstance(inspector_column.type, BigInteger) or isinstance(metadata_column.type, BigInteger):
        return False
    if isinstance(metadata_column.type, Integer) and (inspector_column.identity or inspector_column.foreign_keys):
        # The model has neither any more: a narrower type is not what it asks for.
        return True
    compiler = dialect.type_compiler_instance
    return compiler.process(metadata_column.type, type_expression=metadata_column) == "BIGINT"
