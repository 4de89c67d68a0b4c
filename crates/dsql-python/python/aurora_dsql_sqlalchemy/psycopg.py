"""auroradsql+psycopg: psycopg 3, with and without asyncio."""

# SQLAlchemy's dialects of PostgreSQL carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from __future__ import annotations

from typing import Any

from dsql_orm import Settings
from dsql_orm._driver import libpq
from sqlalchemy.dialects.postgresql.psycopg import (
    PGDialect_psycopg,
    PGDialectAsync_psycopg,
    PGExecutionContext_psycopg,
)
from sqlalchemy.engine.url import URL

from ._dialect import DSQLDialect, DSQLExecutionContext
from ._drivers import imported


class DSQLExecutionContext_psycopg(DSQLExecutionContext, PGExecutionContext_psycopg):
    def create_server_side_cursor(self) -> Any:
        # It would DECLARE one, which the service does not have: the rows come at once.
        return self.create_default_cursor()


class DSQLDialect_psycopg(DSQLDialect, PGDialect_psycopg):
    driver = "psycopg"
    supports_statement_cache = True
    execution_ctx_cls = DSQLExecutionContext_psycopg

    def __init__(self, use_native_hstore: bool = False, **kwargs: Any) -> None:
        super().__init__(use_native_hstore=use_native_hstore, **kwargs)

    @classmethod
    def import_dbapi(cls) -> Any:
        return imported(super().import_dbapi, "psycopg")

    @classmethod
    def get_async_dialect_cls(cls, url: URL) -> type[DSQLDialectAsync_psycopg]:
        return DSQLDialectAsync_psycopg

    def driver_arguments(self, settings: Settings) -> dict[str, Any]:
        from psycopg import pq

        return libpq(settings, orm="sqlalchemy", driver="psycopg", libpq_version=pq.version())


class DSQLDialectAsync_psycopg(DSQLDialect_psycopg, PGDialectAsync_psycopg):
    supports_statement_cache = True
    is_async = True

    @classmethod
    def import_dbapi(cls) -> Any:
        return imported(super(DSQLDialect_psycopg, cls).import_dbapi, "psycopg")


AuroraDSQLDialect_psycopg = DSQLDialect_psycopg
