"""Tortoise's exceptions, the same whichever driver raised."""

from __future__ import annotations

from dsql_orm import JobFailedError, PlanRefusedError, class_of, sqlstate_of
from dsql_orm._core import MigrationError
from tortoise.exceptions import (
    BaseORMException,
    DBConnectionError,
    IntegrityError,
    OperationalError,
    TransactionManagementError,
)


class DsqlConflictError(TransactionManagementError, OperationalError):
    """Another transaction changed the same rows (OC000), or the schema (OC001). Run the transaction again.

    run_in_transaction() and retry_on_conflict do so.
    """


class DsqlAmbiguousCommitError(OperationalError):
    """The connection was lost while COMMIT was under way: whether the transaction is kept is not known.

    It is run again only under a RetryPolicy(idempotent=True).
    """


def translated(error: Exception, *, committing: bool = False) -> Exception:
    """What Tortoise's users catch, for what a driver or the core raised. Others are answered as they are."""
    if isinstance(error, BaseORMException):
        return error
    sqlstate = sqlstate_of(error)
    meaning = class_of(error, committing=committing)
    if meaning == "ambiguous":
        return DsqlAmbiguousCommitError(error)
    if sqlstate is None:
        if isinstance(error, OSError) and not isinstance(error, TimeoutError):
            return DBConnectionError(error)
        if meaning == "unavailable" or isinstance(error, PlanRefusedError | JobFailedError | MigrationError):
            return OperationalError(error)
        return error
    if meaning in ("conflict", "schema_changed"):
        return DsqlConflictError(error)
    if sqlstate.startswith("23"):
        return IntegrityError(error)
    if sqlstate.startswith("25"):
        return TransactionManagementError(error)
    return OperationalError(error)
