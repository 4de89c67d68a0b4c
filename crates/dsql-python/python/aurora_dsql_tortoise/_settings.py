"""What the credentials of a connection say: to the core, to the adapter, and to the driver's pool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from dsql_orm import RetryPolicy, Settings, SettingsError
from dsql_orm._driver import Credentials, credentials_of
from tortoise.exceptions import ConfigurationError

_CORE = (
    "region",
    "cluster_id",
    "profile",
    "token_duration_secs",
    "sslmode",
    "sslrootcert",
    "connect_timeout",
    "options",
)
FOREIGN_KEYS = ("native", "omit")


@dataclass(frozen=True)
class Options:
    """What the adapter itself takes, beside the settings of the connection.

    foreign_keys: "native", or "omit" to leave them out of every table.
    check_foreign_keys: with "omit", look on save whether what is referred to is there, and on delete who refers to it.
    json_as: "jsonb", or "text" for tables whose JSON fields are columns of text; they have no filters by key.
    sequence_cache: how many values of an identity column a session takes at once: 1, or 65536 and more.
    wait_for_indexes: generate_schemas() waits until indexes are built and constraints are validated.
    batch_rows: rows of a bulk statement in one transaction.
    max_lifetime: seconds after which a connection is replaced; the service ends it after an hour.
    retry: how statements outside a transaction, and statements of a schema, are tried again.
    """

    foreign_keys: Literal["native", "omit"] = "native"
    check_foreign_keys: bool = False
    json_as: Literal["jsonb", "text"] = "jsonb"
    sequence_cache: int = 65536
    wait_for_indexes: bool = True
    batch_rows: int = 1000
    max_lifetime: float = 3300.0
    retry: RetryPolicy | None = None


class Parameters:
    """The credentials of a connection, sorted. What is left in `driver` is for the driver and its pool."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.driver = dict(given)
        self.options = Options(**self._taken(Options.__dataclass_fields__))
        if self.options.foreign_keys not in FOREIGN_KEYS:
            raise ConfigurationError(f'foreign_keys is "native" or "omit", not {self.options.foreign_keys!r}')
        if self.options.json_as not in ("jsonb", "text"):
            raise ConfigurationError(f'json_as is "jsonb" or "text", not {self.options.json_as!r}')
        if self.options.sequence_cache != 1 and self.options.sequence_cache < 65536:
            raise ConfigurationError(f"sequence_cache is 1, or 65536 and more, not {self.options.sequence_cache}")
        if not 1 <= self.options.batch_rows <= 3000:
            raise ConfigurationError(
                f"batch_rows is 1 to 3000, what a transaction may change, not {self.options.batch_rows}"
            )
        self._core = {name: value for name, value in self._taken(_CORE).items() if value not in (None, "")}
        self._provider = self.driver.pop("custom_credentials_provider", None)
        # Tortoise's client has a default, which must not stand against the port in DSQL_URL.
        self._given_port: Any = self.driver.pop("port", None)
        self._given_password = self.driver.pop("password", None) or None

    def settings(self, client: Any) -> Settings:
        """The settings of a connection for the core."""
        credentials: Credentials | None = credentials_of(self._provider) if self._provider else None
        core = dict(self._core)
        if client.schema:
            core["options"] = f"{core.get('options', '')} -c search_path={client.schema}".strip()
        try:
            return Settings(
                host=client.host or None,
                port=int(self._given_port) if self._given_port else None,
                user=client.user or None,
                dbname=client.database or None,
                application_name=client.application_name or None,
                password=self._given_password,
                credentials=credentials,
                **core,
            )
        except SettingsError as error:
            raise ConfigurationError(f"The connection {client.connection_name!r}: {error}") from error

    def _taken(self, names: Any) -> dict[str, Any]:
        return {name: self.driver.pop(name) for name in names if name in self.driver}
