"""The tables of models, in PostgreSQL's words: what runs them brings them into the service's."""

# The hooks of Tortoise are protected, and partly without types.
# pyright: reportPrivateUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAbstractUsage=false, reportMissingTypeStubs=false
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from __future__ import annotations

import re
from typing import Any

from dsql_orm import split, translate
from tortoise.backends.base_postgres.schema_generator import BasePostgresSchemaGenerator
from tortoise.fields import IntField
from tortoise.fields.relational import OneToOneFieldInstance

from .common.fields import DEFAULT_SEQUENCE_CACHE_SIZE


class DsqlSchemaGenerator(BasePostgresSchemaGenerator):
    client: Any

    async def generate_from_string(self, creation_string: str) -> None:
        """Indexes come after all tables: a job changes the catalog when it ends, which a table made meanwhile would
        meet as OC001."""
        await self.client.change_schema(";\n".join(sorted(split(creation_string), key=_is_index)))

    def _create_string(self, db_column: str, field_type: str, *args: Any, **kwargs: Any) -> str:
        if field_type == "JSONB" and self.client.parameters.options.json_as == "text":
            field_type = "TEXT"
        return super()._create_string(db_column, field_type, *args, **kwargs)

    def _get_pk_field_sql_type(self, pk_field: Any) -> str:
        return "BIGINT" if _is_identity(pk_field) else super()._get_pk_field_sql_type(pk_field)

    def _get_field_sql_and_related_table(
        self, field_object: Any, table_name: str, column_name: str, *args: Any, **kwargs: Any
    ) -> tuple[str, str]:
        sql, related = super()._get_field_sql_and_related_table(field_object, table_name, column_name, *args, **kwargs)
        reference = getattr(field_object, "reference", None)
        if reference and _is_identity(reference.to_field_instance):
            narrow = field_object.get_for_dialect(self.DIALECT, "SQL_TYPE")
            sql = sql.replace(f'"{column_name}" {narrow}', f'"{column_name}" BIGINT', 1)
        return sql, related


def statements_of(script: str, sequence_cache: int) -> list[str]:
    """The statements of a script, with identity columns as the connection has them.

    Aerich takes the order of its versions from their keys, which so must rise with time: its table takes values of its
    sequence one by one.
    """
    return [_with_identity(each, 1 if '"aerich"' in each else sequence_cache) for each in split(script)]


def _with_identity(statement: str, sequence_cache: int) -> str:
    if sequence_cache == DEFAULT_SEQUENCE_CACHE_SIZE or not statement.upper().startswith("CREATE TABLE"):
        return statement
    plan = translate(statement, identity_cache=sequence_cache)
    return plan.steps[0].sql if len(plan.steps) == 1 and not plan.errors else statement


def _is_index(statement: str) -> bool:
    return re.match(r"CREATE\s+(UNIQUE\s+)?INDEX\b", statement, re.IGNORECASE) is not None


def _is_identity(field: Any) -> bool:
    """A generated integer key is 64 bits wide, and so is what refers to it."""
    while isinstance(field, OneToOneFieldInstance) or getattr(field, "reference", None):
        reference: Any = field if isinstance(field, OneToOneFieldInstance) else field.reference
        field = reference.to_field_instance
    return isinstance(field, IntField) and field.pk and field.generated
