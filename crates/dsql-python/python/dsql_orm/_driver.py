"""The settings of a connection, in the words of each driver."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

from ._core import Settings, SettingsError, application_name

Credentials = Callable[[], "tuple[str, str, str | None, float | None]"]


def libpq(settings: Settings, *, orm: str, driver: str, libpq_version: int) -> dict[str, Any]:
    """What psycopg and psycopg2 take, but the password. libpq_version: as the driver tells it, such as 170002."""
    root = str(settings.sslrootcert)
    if root == "system" and libpq_version < 160000:
        # Only newer ones know the word.
        root = _system_certificates()
    arguments: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "user": settings.user,
        "dbname": settings.dbname,
        "sslmode": settings.sslmode,
        "sslrootcert": root,
        "application_name": settings.application_name or application_name(orm, driver),
        # libpq's limit is for each address; 0 is none.
        "connect_timeout": settings.connect_timeout or 0,
    }
    if libpq_version >= 170000:
        arguments["sslnegotiation"] = "direct"
    if settings.sslmode == "require":
        # With a root certificate libpq would verify all the same.
        del arguments["sslrootcert"]
    if options := settings.libpq_options:
        arguments["options"] = options
    return arguments


def asyncpg(settings: Settings, *, orm: str) -> dict[str, Any]:
    """What asyncpg takes, but the password."""
    name = settings.application_name or application_name(orm, "asyncpg")
    arguments: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "user": settings.user,
        "database": settings.dbname,
        "ssl": ssl_context(settings),
        "direct_tls": True,
        "server_settings": {"application_name": name, **dict(settings.options)},
    }
    if settings.connect_timeout:
        arguments["timeout"] = settings.connect_timeout
    return arguments


def without_jit(connection: Any) -> None:
    """Tells a connection of asyncpg that there is no setting `jit`.

    It would set it before it looks a type up that it does not know, such as varchar[], and the service refuses that.
    """
    capabilities = getattr(connection, "_server_caps", None)
    if capabilities is not None:
        connection._server_caps = capabilities._replace(jit=False)


def ssl_context(settings: Settings) -> ssl.SSLContext:
    """Checks the server as the settings ask."""
    root = str(settings.sslrootcert)
    context = ssl.create_default_context(cafile=None if root == "system" else root)
    if settings.sslmode != "verify-full":
        context.check_hostname = False
    if settings.sslmode == "require":
        context.verify_mode = ssl.CERT_NONE
    # The service asks for it where TLS begins at once.
    context.set_alpn_protocols(["postgresql"])
    return context


def credentials_of(provider: Any) -> Credentials:
    """What the core asks for credentials, of a botocore-style provider: its load() answers them."""
    if not callable(getattr(provider, "load", None)):
        raise SettingsError(
            f"custom_credentials_provider is a {type(provider).__name__}: it needs a load() that answers credentials, "
            "as botocore.credentials.CredentialProvider has"
        )

    def ask() -> tuple[str, str, str | None, float | None]:
        credentials = provider.load()
        if credentials is None:
            raise RuntimeError("custom_credentials_provider answered None")
        expires = getattr(credentials, "_expiry_time", None)
        frozen = credentials.get_frozen_credentials() if hasattr(credentials, "get_frozen_credentials") else credentials
        return frozen.access_key, frozen.secret_key, frozen.token, expires.timestamp() if expires else None

    return ask


def _system_certificates() -> str:
    paths = ssl.get_default_verify_paths()
    # The file is None where it is not there, whatever its type says.
    if not paths.cafile:
        raise SettingsError(
            "sslrootcert=system needs libpq 16 or newer, or an OpenSSL that names a file of certificates: name one "
            "with sslrootcert=<file>"
        )
    return paths.cafile
