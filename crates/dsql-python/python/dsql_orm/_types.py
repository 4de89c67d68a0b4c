"""Words that the core answers."""

from typing import Literal, TypeAlias

ErrorClass: TypeAlias = Literal["conflict", "schema_changed", "unavailable", "ambiguous", "limit", "refused", "other"]
Kind: TypeAlias = Literal[
    "empty",
    "ddl",
    "write",
    "read",
    "begin",
    "commit",
    "rollback",
    "savepoint",
    "release",
    "rollback_to",
    "prepare",
    "set_transaction",
    "session",
    "call",
    "other",
]
