"""What the core makes of DDL, and how SQLAlchemy is told of it."""

from __future__ import annotations

import inspect
import warnings

from dsql_orm import Plan, PlanRefusedError
from sqlalchemy import exc


class DSQLWarning(exc.SAWarning):
    """Something was said in PostgreSQL that Aurora DSQL has in another form only."""


def refused(sql: str, plan: Plan) -> exc.CompileError:
    """The plan has errors."""
    cause = PlanRefusedError(sql, plan.errors)
    error = exc.CompileError(f"{cause}. The statement: {' '.join(sql.split())}")
    error.__cause__ = cause
    return error


def warn(plan: Plan) -> None:
    """Tells what the plan has in another form."""
    for note in plan.notes:
        if note.rule not in EXPECTED:
            warnings.warn(f"{note.message} [{note.rule}]", DSQLWarning, stacklevel=_application())


# What the documentation says of every key, index and constraint, and where nothing is lost.
EXPECTED = frozenset(
    (
        "add_constraint",
        "add_unique",
        "foreign_keys",
        "identity_cache",
        "identity_type",
        "index_async",
        "index_concurrently",
        "index_operator_class",
        "sequence_cache",
        "sequence_type",
        "serial",
        "truncate",
    )
)


def _application() -> int:
    """How many calls away the application is, for warnings to name its line."""
    level = 1
    frame = inspect.currentframe()
    while frame and frame.f_globals.get("__name__", "").split(".")[0] in ("sqlalchemy", "alembic", __package__):
        frame = frame.f_back
        level += 1
    # `warn` counts from where warnings.warn is called.
    return level - 1
