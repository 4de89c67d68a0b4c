"""Alembic on Aurora DSQL: migrations that were written for PostgreSQL, unmodified.

Nothing is to be set up: Alembic 1.18 or newer finds this module by itself; for an older one, import it in env.py.

Each statement is committed by itself, DDL as the plan that it becomes, with its jobs awaited. One runner at a time is
at work; another waits for it. What has run is entered into the table dsql_record, so that an upgrade that was
interrupted goes on where it was when it is run again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from alembic.ddl import postgresql
from alembic.util import CommandError
from dsql_orm import Attempts, Migration, MigrationError, Settings, class_of, kind, translate
from sqlalchemy import BigInteger, Column, Connection, Integer, SmallInteger, event
from sqlalchemy.ext.compiler import compiles

log = logging.getLogger("alembic.auroradsql")

# Rows of one transaction when a list of them is inserted: the service takes 3,000.
BATCH_ROWS = 1000


def setup(plugin: Any) -> None:
    """Called by Alembic. What it is to know was registered when this module was imported."""


class DSQLImpl(postgresql.PostgresqlImpl):
    """How Alembic talks to Aurora DSQL."""

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

    def static_output(self, text: str) -> None:
        if self.as_sql and kind(text) == "ddl":
            text = str(_plan(text, self.dialect)).rstrip()
        super().static_output(text)

    def compare_type(self, inspector_column: Column[Any], metadata_column: Column[Any]) -> bool:
        if _is_widened(inspector_column, metadata_column):
            return False
        return super().compare_type(inspector_column, metadata_column)


# Alembic knows these by the name of the dialect.
compiles(postgresql.PostgresqlColumnType, "auroradsql")(postgresql.visit_column_type)


class _Run:
    """A run of migrations on a connection, until that goes back to its pool."""

    def __init__(self, connection: Connection, opts: dict[str, Any]) -> None:
        self._connection = connection
        self._dbapi_connection: Any = connection.connection.dbapi_connection
        self._version_table: str = opts.get("version_table", "alembic_version")
        self._version_schema: str | None = opts.get("version_table_schema")
        self._work: str | None = None
        settings: Settings | None = getattr(connection.dialect, "dsql_settings", None)
        self._migration: Migration | None = None
        if settings:
            self._migration = Migration(settings, purpose="alembic", orm="alembic", on_progress=log.info)
        else:
            log.warning(
                "the engine was made with a creator of its own, so that this run cannot go on where it was when it is "
                "interrupted, and is not alone"
            )
        self._listeners: list[tuple[str, Callable[..., Any]]] = [
            ("do_execute", self._on_execute),
            ("do_execute_no_params", self._on_execute_no_params),
            ("do_executemany", self._on_executemany),
            ("checkin", self._on_checkin),
        ]
        for name, listener in self._listeners:
            event.listen(connection.engine, name, listener)

    def _on_execute(self, cursor: Any, statement: str, parameters: Any, context: Any) -> bool | None:
        return self._run(cursor, statement, parameters, context, context.dialect.do_execute)

    def _on_execute_no_params(self, cursor: Any, statement: str, context: Any) -> bool | None:
        def execute(cursor: Any, statement: str, parameters: Any, context: Any) -> None:
            context.dialect.do_execute_no_params(cursor, statement, context)

        return self._run(cursor, statement, None, context, execute)

    def _on_executemany(self, cursor: Any, statement: str, parameters: Sequence[Any], context: Any) -> bool | None:
        handled = None
        for first in range(0, len(parameters), BATCH_ROWS):
            rows = parameters[first : first + BATCH_ROWS]
            handled = self._run(cursor, statement, rows, context, context.dialect.do_executemany)
            if not handled:
                break
        return handled

    def _on_checkin(self, dbapi_connection: Any, _record: Any) -> None:
        if dbapi_connection is self._dbapi_connection:
            for name, listener in self._listeners:
                event.remove(self._connection.engine, name, listener)
            if self._migration:
                self._migration.close()

    def _run(
        self, cursor: Any, statement: str, parameters: Any, context: Any, execute: Callable[..., None]
    ) -> bool | None:
        """True: it has run. None: it is for SQLAlchemy to run."""
        if context.root_connection is not self._connection:
            return None
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
        if parameters is not None and context.dialect.paramstyle in ("format", "pyformat"):
            statement = statement.replace("%%", "%")
        self._begin(cursor)
        try:
            self._migration.ddl(statement, foreign_keys=getattr(context.dialect, "foreign_keys", "native"))
        except MigrationError as error:
            raise CommandError(str(error)) from error
        self._catch_up(cursor, context)
        return True

    def _write(
        self, cursor: Any, statement: str, parameters: Any, context: Any, execute: Callable[..., None]
    ) -> bool:
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


def _fetch(cursor: Any, sql: str, *, rows: bool = False) -> list[Any]:
    own = cursor.connection.cursor()
    try:
        own.execute(sql)
        return list(own.fetchall()) if rows else []
    finally:
        own.close()


def _plan(sql: str, dialect: Any) -> Any:
    plan = translate(sql, foreign_keys=getattr(dialect, "foreign_keys", "native"))
    if plan.errors:
        raise CommandError("; ".join(str(error) for error in plan.errors))
    return plan


def _is_widened(inspector_column: Column[Any], metadata_column: Column[Any]) -> bool:
    """Keys of integers are bigint on the service, and so is what references them."""
    is_bigint = isinstance(inspector_column.type, BigInteger)
    is_smaller = isinstance(metadata_column.type, Integer | SmallInteger)
    if not is_bigint or not is_smaller or isinstance(metadata_column.type, BigInteger):
        return False
    if metadata_column.identity is not None or metadata_column.table.autoincrement_column is metadata_column:
        return True
    return any(
        _is_widened(inspector_column, key.column) for key in metadata_column.foreign_keys if _is_resolved(key)
    )


def _is_resolved(key: Any) -> bool:
    return key.constraint is None or key._colspec is not None
