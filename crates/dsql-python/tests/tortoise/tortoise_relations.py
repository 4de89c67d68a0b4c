"""Foreign keys of every kind, and integer keys of every width."""

from __future__ import annotations

from typing import Any

from aurora_dsql_tortoise.common.fields import BigIntField
from tortoise import fields
from tortoise.models import Model


class Parent(Model):
    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=20)


def _to(on_delete: Any, name: str, **more: Any) -> Any:
    return fields.ForeignKeyField("models.Parent", related_name=name, on_delete=on_delete, null=True, **more)


class Child(Model):
    kind = fields.CharField(max_length=20)
    cascade: Any = _to(fields.CASCADE, "by_cascade")
    restrict: Any = _to(fields.RESTRICT, "by_restrict")
    set_null: Any = _to(fields.SET_NULL, "by_set_null")
    set_default: Any = _to(fields.SET_DEFAULT, "by_set_default", default=7, db_default=7)
    no_action: Any = _to(fields.NO_ACTION, "by_no_action")
    free: Any = _to(fields.NO_ACTION, "by_free", db_constraint=False)


class IntKey(Model):
    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=10, default="x")


class SmallKey(Model):
    id = fields.SmallIntField(primary_key=True)
    name = fields.CharField(max_length=10, default="x")


class BigKey(Model):
    id = BigIntField(primary_key=True, sequence_cache_size=1)
    name = fields.CharField(max_length=10, default="x")


class RefersTo(Model):
    int: Any = fields.ForeignKeyField("models.IntKey", related_name="by_int")
    small: Any = fields.ForeignKeyField("models.SmallKey", related_name="by_small")
    big: Any = fields.OneToOneField("models.BigKey", related_name="by_big")
    many: Any = fields.ManyToManyField("models.IntKey", related_name="by_many")
