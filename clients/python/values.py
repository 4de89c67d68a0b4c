"""A value of every usual type, by the name of its column."""

from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

COLUMNS: dict[str, tuple[str, object]] = {
    "a_smallint": ("smallint", -32768),
    "an_integer": ("integer", 2147483647),
    "a_bigint": ("bigint", -9007199254740993),
    "a_real": ("real", 0.5),
    "a_double": ("double precision", 0.1),
    "a_numeric": ("numeric(20, 4)", Decimal("1234567890.1234")),
    "a_boolean": ("boolean", True),
    "a_uuid": ("uuid", UUID("5f3c1a52-9f6c-4b39-8a7c-1c0a5ad0c0de")),
    "a_char": ("char(4)", "ab  "),
    "a_varchar": ("varchar(20)", "naïve"),
    "a_text": ("text", "mot 'juste' \\ \N{SNOWMAN}\n"),
    "a_bytea": ("bytea", bytes(range(256))),
    "a_date": ("date", date(2026, 2, 28)),
    "a_time": ("time", time(23, 59, 59, 999999)),
    "a_timestamp": ("timestamp", datetime(2026, 2, 28, 12, 30, 0, 123456)),
    "a_timestamptz": ("timestamptz", datetime(2026, 2, 28, 12, 30, tzinfo=timezone.utc)),
    "an_interval": ("interval", timedelta(days=3, hours=4, microseconds=5)),
    "a_null": ("text", None),
}

DOCUMENT = {"name": "Bella", "weights": [3.5, 4], "chip": None}


def definition(table: str) -> str:
    """CREATE TABLE with a UUID key and every column."""
    columns = "".join(f", {name} {type_}" for name, (type_, _) in COLUMNS.items())
    return f"CREATE TABLE {table} (id uuid PRIMARY KEY{columns}, a_json json, a_jsonb jsonb)"
