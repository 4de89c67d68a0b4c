"""The settings of a connection, out of a URL and connect_args."""

from __future__ import annotations

from typing import Any

from dsql_orm import Settings, SettingsError
from dsql_orm._driver import credentials_of

# Settings of dsql_orm, by the names that create_engine's URL and connect_args have for them.
NAMES = {
    "host": "host",
    "port": "port",
    "user": "user",
    "dbname": "dbname",
    "database": "dbname",
    "password": "password",
    "region": "region",
    "cluster_id": "cluster_id",
    "profile": "profile",
    "token_duration": "token_duration_secs",
    "token_duration_secs": "token_duration_secs",
    "sslmode": "sslmode",
    "sslrootcert": "sslrootcert",
    "application_name": "application_name",
    "connect_timeout": "connect_timeout",
    "options": "options",
}

# Of NAMES, those that are numbers: in a URL they are text.
NUMBERS = ("port", "token_duration_secs", "connect_timeout")


def settings_and_rest(cparams: dict[str, Any]) -> tuple[Settings, dict[str, Any]]:
    """The settings of dsql_orm, and what is the driver's."""
    given = {NAMES[name]: value for name, value in cparams.items() if name in NAMES and value is not None}
    rest = {name: value for name, value in cparams.items() if name not in NAMES}
    provider = rest.pop("custom_credentials_provider", None)
    for name in NUMBERS:
        if name in given:
            given[name] = _number(name, given[name])
    try:
        return Settings(**given, credentials=credentials_of(provider) if provider is not None else None), rest
    except OverflowError as error:
        raise SettingsError(f"a number is out of range: {error}") from error


def _number(name: str, value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise SettingsError(f"{name} is {value!r}, which is not a whole number") from error
