"""SELECT … FOR UPDATE and its kin."""

# SQLAlchemy's dialects of PostgreSQL carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from __future__ import annotations

from functools import cache
from typing import Any

from dsql_orm import translate
from sqlalchemy.dialects.postgresql.base import PGCompiler


class DSQLCompiler(PGCompiler):
    def for_update_clause(self, select: Any, **kw: Any) -> str:
        text: str = super().for_update_clause(select, **kw)
        return _lock(text)


@cache
def _strength(clause: str) -> str:
    select = "SELECT 1 FROM t"
    plan = translate(f"{select} {clause}")
    return plan.steps[0].sql.removeprefix(select).strip()


def _lock(text: str) -> str:
    """A locking clause, as the service has it."""
    for clause in ("FOR NO KEY UPDATE", "FOR KEY SHARE", "FOR SHARE", "FOR UPDATE"):
        if text.startswith(f" {clause}"):
            return f" {_strength(clause)}{text.removeprefix(f' {clause}')}"
    return text
