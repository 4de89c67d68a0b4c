"""The tables of models, in PostgreSQL's words: what runs them brings them into the service's."""

from __future__ import annotations

from typing import Any

from tortoise.backends.base_postgres.schema_generator import BasePostgresSchemaGenerator


class DsqlSchemaGenerator(BasePostgresSchemaGenerator):
    client: Any

    async def generate_from_string(self, creation_string: str) -> None:
        await self.client.change_schema(creation_string)
