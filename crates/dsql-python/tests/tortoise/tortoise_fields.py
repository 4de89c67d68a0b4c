"""A field of every type."""

from __future__ import annotations

import datetime
import enum
import uuid
from typing import Any

from tortoise import fields
from tortoise.models import Model


class Kind(str, enum.Enum):
    DOG = "dog"
    CAT = "cat"


class Size(enum.IntEnum):
    SMALL = 1
    LARGE = 2


class OneColumn(Model):
    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)


class Everything(Model):
    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    small = fields.SmallIntField()
    whole = fields.IntField()
    big = fields.BigIntField()
    ok = fields.BooleanField()
    real = fields.FloatField()
    money = fields.DecimalField(max_digits=20, decimal_places=4)
    name = fields.CharField(max_length=20)
    text = fields.TextField()
    blob = fields.BinaryField()
    facts: Any = fields.JSONField()
    born = fields.DateField()
    seen = fields.DatetimeField()
    at = fields.TimeField()
    took = fields.TimeDeltaField()
    other = fields.UUIDField()
    kind = fields.CharEnumField(Kind)
    size = fields.IntEnumField(Size)
    made = fields.DatetimeField(auto_now_add=True)
    changed = fields.DatetimeField(auto_now=True)
    nothing = fields.IntField(null=True)


def example() -> dict[str, Any]:
    utc = datetime.timezone.utc
    return {
        "small": -32768,
        "whole": 2147483647,
        "big": -9223372036854775808,
        "ok": True,
        "real": 0.1,
        "money": "1234567890123456.7891",
        "name": "Åsa",
        "text": "l'été\n%s $1 \\ 'quoted'",
        "blob": b"\x00\xff",
        "facts": {"a": [1, 2.5, None, {"b": "é"}], "c": True},
        "born": datetime.date(2020, 2, 29),
        "seen": datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=utc),
        "at": datetime.time(23, 59, 58, tzinfo=utc),
        "took": datetime.timedelta(days=1, microseconds=7),
        "other": uuid.UUID(int=7),
        "kind": Kind.CAT,
        "size": Size.LARGE,
    }
