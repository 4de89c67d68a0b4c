"""The URL schemes, in Tortoise's table of them."""

from __future__ import annotations

import urllib.parse
from typing import Any

from tortoise.backends.base.config_generator import DB_LOOKUP


def register_backends() -> None:
    """Makes dsql+asyncpg:// and dsql+psycopg:// known. Importing the package has done so already."""
    register_asyncpg()
    register_psycopg()


def register_asyncpg() -> None:
    _register("asyncpg")


def register_psycopg() -> None:
    _register("psycopg")


def _register(driver: str) -> None:
    scheme = f"dsql+{driver}"
    if scheme in DB_LOOKUP:
        return
    urllib.parse.uses_netloc.append(scheme)
    DB_LOOKUP[scheme] = {
        "engine": f"aurora_dsql_tortoise.{driver}",
        "vmap": {
            "path": "database",
            "hostname": "host",
            "port": "port",
            "username": "user",
            "password": "password",
        },
        "defaults": {},
        "cast": _CASTS,
    }


def _is_true(value: str) -> bool:
    return value.strip().lower() in ("1", "on", "t", "true", "y", "yes")


# What a URL can say and is not text. The core reads its own settings.
_CASTS: dict[str, Any] = {
    "batch_rows": int,
    "check_foreign_keys": _is_true,
    "command_timeout": float,
    "max_cacheable_statement_size": int,
    "max_cached_statement_lifetime": int,
    "max_idle": float,
    "max_inactive_connection_lifetime": float,
    "max_lifetime": float,
    "max_queries": int,
    "max_waiting": int,
    "maxsize": int,
    "minsize": int,
    "num_workers": int,
    "reconnect_timeout": float,
    "sequence_cache": int,
    "statement_cache_size": int,
    "timeout": float,
    "token_duration_secs": int,
    "wait_for_indexes": _is_true,
}
