"""What an exception means, whoever wrapped it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ._core import PlanError, error_class
from ._types import ErrorClass


class PlanRefusedError(Exception):
    """A statement that the service cannot have. `errors` are the reasons, with the rule of each."""

    def __init__(self, sql: str, errors: list[PlanError]) -> None:
        super().__init__("; ".join(str(error) for error in errors))
        self.sql = sql
        self.errors = errors
        self.sqlstate = next((error.sqlstate for error in errors if error.sqlstate), None)


class JobFailedError(Exception):
    """An index build or the validation of a constraint did not succeed."""

    def __init__(self, sql: str, job_id: str, status: str, details: str) -> None:
        super().__init__(
            f"job {job_id} ended as {status}: {details}. What a failed build leaves behind is INVALID: remove the "
            f"cause, drop it, and run the statement again. The statement: {sql}"
        )
        self.sql = sql
        self.job_id = job_id
        self.status = status
        self.details = details


def sqlstate_of(error: BaseException) -> str | None:
    """The SQLSTATE of an exception, or of the first one below it that has one."""
    for cause in _causes(error):
        for name in ("sqlstate", "pgcode"):
            value: Any = getattr(cause, name, None)
            if isinstance(value, str) and len(value) == 5:
                return value
    return None


def class_of(error: BaseException, *, committing: bool = False) -> ErrorClass:
    """What an exception means: see RetryPolicy. An ORM's exception is looked through to the driver's.

    committing: it came while COMMIT, or a statement outside a transaction, was under way.
    """
    sqlstate = sqlstate_of(error)
    if sqlstate is None and any(_is_lost_connection(cause) for cause in _causes(error)):
        return "ambiguous" if committing else "unavailable"
    message = _message(error)
    # Without a SQLSTATE the core takes it for a lost connection: this one is the driver's, or the program's own.
    return error_class(sqlstate or "", message, committing=committing)


def _message(error: BaseException) -> str:
    """The innermost exception's: what wraps it may quote statements."""
    return str(list(_causes(error))[-1])


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        # SQLAlchemy's `orig`; what was raised `from`; what Tortoise hands on as an argument.
        below: list[Any] = [getattr(cause, "orig", None), cause.__cause__, *cause.args[:1]]
        cause = next((each for each in below if isinstance(each, BaseException)), None)


def _is_lost_connection(error: BaseException) -> bool:
    if "certificate verify failed" in str(error):
        # It would fail again.
        return False
    if isinstance(error, OSError | EOFError):
        return True
    name = type(error).__name__
    module = type(error).__module__.partition(".")[0]
    if module in ("psycopg", "psycopg2"):
        # The drivers have one class for what the network does; what the server says has a SQLSTATE.
        return name in ("OperationalError", "InterfaceError") and "connection" in str(error).lower()
    return name in ("ConnectionDoesNotExistError", "InterfaceError") and "connection" in str(error).lower()
