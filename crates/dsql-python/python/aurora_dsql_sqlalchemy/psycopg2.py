"""auroradsql+psycopg2."""

# SQLAlchemy's dialects of PostgreSQL carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from __future__ import annotations

from typing import Any

from dsql_orm import Settings
from dsql_orm._driver import libpq
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2, PGExecutionContext_psycopg2

from ._dialect import DSQLDialect, DSQLExecutionContext
from ._drivers import imported


class DSQLExecutionContext_psycopg2(DSQLExecutionContext, PGExecutionContext_psycopg2):
    def create_server_side_cursor(self) -> Any:
        # It would DECLARE one, which the service does not have: the rows come at once.
        return self.create_default_cursor()


class DSQLDialect_psycopg2(DSQLDialect, PGDialect_psycopg2):
    driver = "psycopg2"
    supports_statement_cache = True
    execution_ctx_cls = DSQLExecutionContext_psycopg2

    def __init__(self, use_native_hstore: bool = False, **kwargs: Any) -> None:
        super().__init__(use_native_hstore=use_native_hstore, **kwargs)

    @classmethod
    def import_dbapi(cls) -> Any:
        return imported(super().import_dbapi, "psycopg2")

    def set_isolation_level(self, dbapi_connection: Any, level: str) -> None:
        # With a level that has a name, psycopg2 would set default_transaction_isolation, which is refused.
        dbapi_connection.rollback()
        dbapi_connection.autocommit = level == "AUTOCOMMIT"

    def driver_arguments(self, settings: Settings) -> dict[str, Any]:
        from psycopg2.extensions import libpq_version

        return libpq(settings, orm="sqlalchemy", driver="psycopg2", libpq_version=libpq_version())


AuroraDSQLDialect_psycopg2 = DSQLDialect_psycopg2
