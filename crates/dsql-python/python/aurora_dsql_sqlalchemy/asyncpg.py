"""auroradsql+asyncpg."""

# SQLAlchemy's dialects of PostgreSQL carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from dsql_orm import Settings, _driver
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg, PGExecutionContext_asyncpg

from ._dialect import DSQLDialect, DSQLExecutionContext
from ._drivers import imported


class DSQLExecutionContext_asyncpg(DSQLExecutionContext, PGExecutionContext_asyncpg):
    pass


class DSQLDialect_asyncpg(DSQLDialect, PGDialect_asyncpg):
    driver = "asyncpg"
    supports_statement_cache = True
    execution_ctx_cls = DSQLExecutionContext_asyncpg

    @classmethod
    def import_dbapi(cls) -> Any:
        return imported(super().import_dbapi, "asyncpg")

    def driver_arguments(self, settings: Settings) -> dict[str, Any]:
        return _driver.asyncpg(settings, orm="sqlalchemy")

    def connect(self, *cargs: Any, **cparams: Any) -> Any:
        try:
            return super().connect(*cargs, **cparams)
        # Not the same before Python 3.11.
        except (OSError, asyncio.TimeoutError) as error:
            settings = self.dsql_settings
            where = f"{settings.host}:{settings.port}" if settings else "the cluster"
            message = f"connection to {where} failed: {str(error) or type(error).__name__}"
            raise self.loaded_dbapi.OperationalError(message) from error

    def on_connect(self) -> Callable[[Any], None]:
        further = super().on_connect()

        def connect(connection: Any) -> None:
            _driver.without_jit(self.get_driver_connection(connection))
            further(connection)

        return connect

    def is_of_server(self, error: BaseException) -> bool:
        # asyncpg gives its own errors a SQLSTATE, too.
        return getattr(error.__cause__, "severity", None) is not None
