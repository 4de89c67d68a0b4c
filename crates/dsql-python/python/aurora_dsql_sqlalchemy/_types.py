"""Lists in JSONB, where the application has columns of arrays."""

# SQLAlchemy's dialects of PostgreSQL carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy import types
from sqlalchemy.dialects.postgresql import JSONB

Convert = Callable[[Any], Any]


class ArrayAsJSONB(types.ARRAY[Any]):
    """An ARRAY column that is stored as JSONB: lists go in and come out, of None, numbers, text, dates, UUIDs."""

    __visit_name__ = "JSONB"
    render_bind_cast = True

    def bind_processor(self, dialect: Any) -> Convert:
        item = _processor(self.item_type, dialect, "bind") or _to_json
        json = JSONB().dialect_impl(dialect).bind_processor(dialect) or _same
        return lambda value: None if value is None else json(_each(value, item))

    def result_processor(self, dialect: Any, coltype: object) -> Convert:
        item = _processor(self.item_type, dialect, "result") or _from_json(self.item_type)
        json = JSONB().dialect_impl(dialect).result_processor(dialect, coltype) or _same
        kind = tuple if self.as_tuple else list

        def process(value: Any) -> Any:
            return None if value is None else kind(_each(json(value), item))

        return process


def _processor(item_type: Any, dialect: Any, direction: str) -> Convert | None:
    """Only enums have one that is not the driver's business."""
    if not isinstance(item_type, types.Enum):
        return None
    impl = item_type.dialect_impl(dialect)
    return impl.bind_processor(dialect) if direction == "bind" else impl.result_processor(dialect, None)


def _each(values: Any, convert: Convert) -> list[Any]:
    return [
        _each(value, convert) if isinstance(value, list | tuple) else None if value is None else convert(value)
        for value in values
    ]


def _to_json(value: Any) -> Any:
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal | uuid.UUID):
        return str(value)
    return value


def _from_json(item_type: Any) -> Convert:
    kind = item_type.python_type
    if issubclass(kind, datetime.date | datetime.time):
        return kind.fromisoformat
    if issubclass(kind, decimal.Decimal | uuid.UUID):
        return lambda value: kind(str(value))
    return _same


def _same(value: Any) -> Any:
    return value
