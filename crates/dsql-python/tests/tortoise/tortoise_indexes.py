"""Indexes with every option."""

from __future__ import annotations

from tortoise import fields
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.models import Model


class Indexed(Model):
    name = fields.CharField(max_length=20)
    kind = fields.CharField(max_length=20)
    note = fields.TextField(null=True, description="a note; with 'quotes'")

    class Meta:
        table = "indexed"
        table_description = "indexed in every way"
        unique_together = (("name", "kind"),)
        indexes = [  # noqa: RUF012 (Tortoise reads it so)
            PostgreSQLIndex(fields=("kind",), condition={"kind": "dog"}, name="partial_kind"),
            ("kind", "name"),
        ]
