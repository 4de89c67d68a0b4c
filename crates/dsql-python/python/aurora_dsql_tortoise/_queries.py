"""bulk_update() of more rows than a transaction may change, cut into statements that it may."""

# The hooks of Tortoise are protected, and partly without types.
# pyright: reportPrivateUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAbstractUsage=false, reportMissingTypeStubs=false
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pypika_tortoise.enums import Boolean
from pypika_tortoise.terms import Case, ComplexCriterion, ContainsCriterion

if TYPE_CHECKING:
    from pypika_tortoise.dialects import PostgreSQLQueryBuilder as _Base
else:
    _Base = object

# The statement names every row twice for each column: a long one is slow before it is refused.
ROWS = 500


class Batched(str):
    """A statement with what it is cut into."""

    parts: list[tuple[str, list[Any]]]


class DsqlQueryBuilder(_Base):
    """A mixin before the query builder of a driver."""

    def get_parameterized_sql(self, ctx: Any = None) -> tuple[str, list[Any]]:
        parts = [query.get_parameterized_sql(ctx) for query in self._parts()]
        if not parts:
            return super().get_parameterized_sql(ctx)
        statement = Batched(parts[0][0])
        statement.parts = parts
        return statement, parts[0][1]

    def _parts(self) -> Iterator[Any]:
        cases = [value for _, value in self._updates]
        if not cases or not all(isinstance(case, Case) and len(case._cases) > ROWS for case in cases):
            return
        key = cases[0]._cases[0][0].left
        others = [term for term in _terms(self._wheres) if not _is_in(term, key)]
        for start in range(0, len(cases[0]._cases), ROWS):
            query: Any = type(self)().update(self._update_table)
            keys: list[Any] = []
            for column, case in self._updates:
                part = Case()
                for criterion, term in case._cases[start : start + ROWS]:
                    part.when(criterion, term)
                keys = [criterion.right for criterion, _ in case._cases[start : start + ROWS]]
                query = query.set(column, part)
            for term in others:
                query = query.where(term)
            yield query.where(key.isin(keys))


def _terms(criterion: Any) -> Iterator[Any]:
    if isinstance(criterion, ComplexCriterion) and criterion.comparator is Boolean.and_:
        yield from _terms(criterion.left)
        yield from _terms(criterion.right)
    elif criterion is not None:
        yield criterion


def _is_in(term: Any, key: Any) -> bool:
    return isinstance(term, ContainsCriterion) and getattr(term.term, "name", None) == key.name
