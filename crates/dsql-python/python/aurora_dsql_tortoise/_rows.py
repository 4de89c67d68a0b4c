"""Many rows of one INSERT: in batches that a transaction holds, and statements of many rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

# What the protocol can number; asyncpg takes half of it.
PARAMETERS = 32767
# Characters of a batch: at four bytes each still within the service's 10 MiB.
CHARACTERS = 2 * 1024 * 1024


def batches(values: list[list[Any]], rows: int) -> Iterator[list[list[Any]]]:
    """Rows by the number that one transaction may change, and by their size."""
    batch: list[list[Any]] = []
    size = 0
    for row in values:
        length = sum(len(value) if isinstance(value, str | bytes) else 8 for value in row)
        if batch and (len(batch) == rows or size + length > CHARACTERS):
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += length
    if batch:
        yield batch


def statements(query: str, values: list[list[Any]]) -> list[tuple[str, list[Any]]] | None:
    """The INSERT of one row as INSERTs of many. None where that would not mean the same."""
    found = _ONE_ROW.match(query)
    if not found:
        return None
    insert, placeholders, rest = found.groups()
    columns = placeholders.count(",") + 1
    size = PARAMETERS // columns
    made: list[tuple[str, list[Any]]] = []
    for start in range(0, len(values), size):
        part = values[start : start + size]
        if placeholders.startswith("%"):
            rows = [f"({placeholders})"] * len(part)
        else:
            rows = [
                "(" + ",".join(f"${number}" for number in range(first, first + columns)) + ")"
                for first in range(1, len(part) * columns + 1, columns)
            ]
        made.append((insert + ",".join(rows) + rest, [value for row in part for value in row]))
    return made


# Not with DO UPDATE: one statement does not update a row twice. What RETURNING answers would be lost anyway.
_ONE_ROW = re.compile(
    r"(INSERT INTO [^()]+ \([^()]*\) VALUES )\((\$1(?:,\$[0-9]+)*|%s(?:,%s)*)\)"
    r"((?: ON CONFLICT (?:\([^()]*\) )?DO NOTHING)?)(?: RETURNING [^()]*)?$"
)
