"""DDL: PostgreSQL's as SQLAlchemy renders it, then what the core makes of it."""

# SQLAlchemy's dialects of PostgreSQL carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from dsql_orm import PlanError, check, kind
from sqlalchemy import exc, schema, types
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql.base import PGDDLCompiler, PGTypeCompiler
from sqlalchemy.sql import type_coerce
from sqlalchemy.sql.base import DialectKWArgs
from sqlalchemy.sql.ddl import CreateIndex

from ._plans import warn

if TYPE_CHECKING:
    from ._dialect import DSQLDialect

Item = TypeVar("Item", bound=DialectKWArgs)


class DSQLDDLCompiler(PGDDLCompiler):
    """Where a statement stays one statement, its text is the one that runs; else it becomes its plan when executed."""

    dialect: DSQLDialect

    def process(self, obj: Any, **kw: Any) -> str:
        text: str = super().process(obj, **kw)
        return self._translated(text) if obj is self.statement else text

    def _translated(self, text: str) -> str:
        if "__[SCHEMA_" in text:
            # Schemas are filled in later (schema_translate_map): it is translated when it runs.
            return text
        sql = self.dialect.unescaped(text)
        if kind(sql) != "ddl":
            return text
        plan = self.dialect.plan(sql)
        warn(plan)
        if len(plan.steps) == 1 and plan.steps[0].kind in ("ddl", "async_ddl"):
            return self.dialect.escaped(plan.steps[0].sql)
        return text

    def get_column_specification(self, column: schema.Column[Any], **kw: Any) -> str:
        text: str = super().get_column_specification(column, **kw)
        if labels := _labels(column, self.dialect):
            among = type_coerce(column, types.String()).in_(labels)
            text += f" CHECK ({self.sql_compiler.process(among, include_table=False, literal_binds=True)})"
        return text

    def visit_create_index(self, create: CreateIndex, **kw: Any) -> str:
        index = _postgresql(create.element)
        if index is not create.element:
            create = CreateIndex(index, if_not_exists=create.if_not_exists)
        return super().visit_create_index(create, **kw)

    def visit_unique_constraint(self, constraint: schema.UniqueConstraint, **kw: Any) -> str:
        return super().visit_unique_constraint(_postgresql(constraint), **kw)

    def visit_primary_key_constraint(self, constraint: schema.PrimaryKeyConstraint, **kw: Any) -> str:
        return super().visit_primary_key_constraint(_postgresql(constraint), **kw)

    def visit_check_constraint(self, constraint: schema.CheckConstraint, **kw: Any) -> str:
        return super().visit_check_constraint(_postgresql(constraint), **kw)

    def visit_foreign_key_constraint(self, constraint: schema.ForeignKeyConstraint, **kw: Any) -> str:
        return super().visit_foreign_key_constraint(_postgresql(constraint), **kw)

    def post_create_table(self, table: schema.Table) -> str:
        return super().post_create_table(_postgresql(table))

    def get_identity_options(self, identity_options: Any) -> str:
        cache = identity_options.cache
        if cache is not None and (refusal := refused_cache(cache)):
            raise exc.CompileError(f"cache={cache}: {refusal}")
        return super().get_identity_options(identity_options)

    def visit_computed_column(self, generated: schema.Computed, **kw: Any) -> str:
        if generated.persisted is None:
            # There are no others.
            generated = schema.Computed(generated.sqltext, persisted=True)
        return super().visit_computed_column(generated, **kw)


class DSQLTypeCompiler(PGTypeCompiler):
    dialect: DSQLDialect

    def visit_INTEGER(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        return "BIGINT" if _holds_generated_numbers(kw) else super().visit_INTEGER(type_, **kw)

    def visit_SMALLINT(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        return "BIGINT" if _holds_generated_numbers(kw) else super().visit_SMALLINT(type_, **kw)

    def visit_enum(self, type_: Any, **kw: Any) -> str:
        return self.visit_TEXT(types.Text(), **kw) if type_.native_enum else super().visit_enum(type_, **kw)

    def visit_ENUM(self, type_: Any, identifier_preparer: Any = None, **kw: Any) -> str:  # noqa: N802
        return self.visit_TEXT(types.Text(), **kw)

    def visit_ARRAY(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        column = kw.get("type_expression")
        if isinstance(column, schema.Column):
            if self.dialect.arrays == "jsonb":
                return self.visit_JSONB(postgresql.JSONB(), **kw)
            raise exc.CompileError(
                f"Aurora DSQL has no columns of arrays, so {column} cannot be {super().visit_ARRAY(type_, **kw)}: "
                "store the list as JSONB, which every ARRAY column does with "
                'create_dsql_engine(..., arrays="jsonb"); or make it a table of its own [array_column]'
            )
        return super().visit_ARRAY(type_, **kw)


def refused_cache(cache: int) -> PlanError | None:
    """What the service says of a CACHE that it does not have."""
    return check(f"CREATE SEQUENCE s CACHE {cache}")


def _postgresql(item: Item) -> Item:
    """The item, with its auroradsql_ options under postgresql_, where SQLAlchemy's compiler looks for them."""
    own = {name.removeprefix("auroradsql_"): value for name, value in _own_options(item)}
    if not own:
        return item
    item = copy.copy(item)
    # Of this copy only.
    item.dialect_options = {"postgresql": {**item.dialect_options["postgresql"], **own}}  # type: ignore[assignment]
    return item


def _own_options(item: DialectKWArgs) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in item.dialect_kwargs.items() if name.startswith("auroradsql_"))


def _labels(column: schema.Column[Any], dialect: DSQLDialect) -> list[str]:
    """What a column of a native enum takes; nothing where the application writes a CHECK of its own, or wants none."""
    impl = column.type.dialect_impl(dialect)
    while isinstance(impl, types.TypeDecorator):
        impl = impl.impl_instance.dialect_impl(dialect)
    # What PostgreSQL's has in place of the generic one does not always tell.
    has_own = getattr(column.type, "create_constraint", False)
    if isinstance(impl, types.Enum) and impl.native_enum and not impl.create_constraint and not has_own:
        return list(impl.enums)
    return []


def _holds_generated_numbers(kw: dict[str, Any]) -> bool:
    column = kw.get("type_expression")
    return isinstance(column, schema.Column) and _is_generated(column, set())


def _is_generated(column: schema.Column[Any], seen: set[schema.Column[Any]]) -> bool:
    """Does a sequence count the column's values, or those of the column that it refers to?"""
    if column in seen:
        return False
    seen.add(column)
    if column.identity is not None or isinstance(column.default, schema.Sequence):
        return True
    table: Any = column.table
    if isinstance(table, schema.Table) and column is table.autoincrement_column and column.default is None:
        return column.server_default is None
    return any(_is_generated(target, seen) for target in _targets(column))


def _targets(column: schema.Column[Any]) -> Iterator[schema.Column[Any]]:
    for key in column.foreign_keys:
        try:
            yield key.column
        except exc.NoReferenceError:
            # The table is not in this metadata.
            continue
