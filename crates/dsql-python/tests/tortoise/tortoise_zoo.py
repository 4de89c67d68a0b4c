"""A zoo of models."""

from __future__ import annotations

import uuid
from typing import Any

from tortoise import fields
from tortoise.models import Model


class Owner(Model):
    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    name = fields.CharField(max_length=100, unique=True)
    likes = fields.IntField(default=0)

    class Meta:
        table = "owner"


class Pet(Model):
    """Its key is the one Tortoise gives to a model that names none."""

    name = fields.CharField(max_length=100, db_index=True)
    facts: Any = fields.JSONField(default=dict)
    owner: Any = fields.ForeignKeyField("models.Owner", related_name="pets", on_delete=fields.CASCADE, null=True)
    friends: Any = fields.ManyToManyField("models.Pet", related_name="befriended")

    class Meta:
        table = "pet"
