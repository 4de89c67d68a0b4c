"""Engines with what Aurora DSQL needs."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

import sqlalchemy
from sqlalchemy import Engine, exc
from sqlalchemy.engine.url import URL, make_url

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


def create_dsql_engine(
    host: str | None = None,
    user: str | None = None,
    driver: str = "psycopg",
    dbname: str | None = None,
    sslmode: str | None = None,
    sslrootcert: str | PathLike[str] | None = None,
    application_name: str | None = None,
    pool_size: int | None = None,
    max_overflow: int | None = None,
    connect_args: dict[str, Any] | None = None,
    *,
    port: int | None = None,
    region: str | None = None,
    profile: str | None = None,
    token_duration_secs: int | None = None,
    custom_credentials_provider: Any = None,
    **engine_kwargs: Any,
) -> Engine:
    """An engine on an Aurora DSQL cluster. Each connection signs in with an IAM token.

    host: the cluster's endpoint, or its id beside a region, or a URL, postgres://admin@<endpoint>/postgres. Without
    one, the environment's DSQL_URL.
    user, dbname, port: admin, postgres, 5432.
    driver: psycopg or psycopg2.
    sslmode, sslrootcert: verify-full, and the system's certificates; or a file of certificates.
    application_name: what the connections are called; sqlalchemy:aurora-dsql-python-<driver>/<version>.
    region, profile, token_duration_secs: of AWS. The region is the host's, the profile the default chain's, a token
    is good for 900 seconds.
    custom_credentials_provider: as botocore has them; its load() is asked instead of AWS's default chain.
    pool_size, max_overflow: 10 and 10. Connections are replaced after 55 minutes (pool_recycle=3300) and looked at
    before they are used (pool_pre_ping=True).
    connect_args: any of the settings above, and what the driver takes; they win.
    engine_kwargs: what sqlalchemy.create_engine() takes, and the dialect's own: foreign_keys="omit",
    arrays="jsonb", sequence_cache=1, wait_for_indexes=False, retry_policy=RetryPolicy(...).
    """
    if driver not in ("psycopg", "psycopg2"):
        hint = ": it needs asyncio, so use create_async_dsql_engine()" if driver == "asyncpg" else ""
        raise exc.ArgumentError(f"driver is {driver!r}{hint or ', which there is not: psycopg or psycopg2'}")
    url = _url(
        host,
        driver,
        username=user,
        database=dbname,
        port=port,
        sslmode=sslmode,
        sslrootcert=sslrootcert,
        application_name=application_name,
        region=region,
        profile=profile,
        token_duration_secs=token_duration_secs,
    )
    arguments = _arguments(connect_args, custom_credentials_provider, pool_size, max_overflow, engine_kwargs)
    return _checked(sqlalchemy.create_engine(url, **arguments), arguments)


def create_async_dsql_engine(
    host: str | None = None,
    user: str | None = None,
    driver: str = "asyncpg",
    dbname: str | None = None,
    sslmode: str | None = None,
    sslrootcert: str | PathLike[str] | None = None,
    application_name: str | None = None,
    pool_size: int | None = None,
    max_overflow: int | None = None,
    connect_args: dict[str, Any] | None = None,
    *,
    port: int | None = None,
    region: str | None = None,
    profile: str | None = None,
    token_duration_secs: int | None = None,
    custom_credentials_provider: Any = None,
    **engine_kwargs: Any,
) -> AsyncEngine:
    """The same for asyncio: driver is asyncpg or psycopg."""
    from sqlalchemy.ext.asyncio import create_async_engine

    if driver not in ("asyncpg", "psycopg"):
        hint = ": it has no asyncio, so use create_dsql_engine()" if driver == "psycopg2" else ""
        raise exc.ArgumentError(f"driver is {driver!r}{hint or ', which there is not: asyncpg or psycopg'}")
    url = _url(
        host,
        driver,
        username=user,
        database=dbname,
        port=port,
        sslmode=sslmode,
        sslrootcert=sslrootcert,
        application_name=application_name,
        region=region,
        profile=profile,
        token_duration_secs=token_duration_secs,
    )
    arguments = _arguments(connect_args, custom_credentials_provider, pool_size, max_overflow, engine_kwargs)
    engine = create_async_engine(url, **arguments)
    _checked(engine.sync_engine, arguments)
    return engine


def _url(host: str | None, driver: str, **parts: Any) -> URL:
    """All but secrets, so that the URL can be kept, sent to another process, and used with create_engine()."""
    url = make_url(host) if host and "://" in host else URL.create("auroradsql", host=host)
    url = url.set(drivername=f"auroradsql+{driver}")
    given = {name: value for name, value in parts.items() if value is not None}
    for name in ("username", "database", "port"):
        if name in given:
            url = url.set(**{name: given.pop(name)})
    return url.update_query_dict({name: str(value) for name, value in given.items()})


def _arguments(
    connect_args: dict[str, Any] | None,
    provider: Any,
    pool_size: int | None,
    max_overflow: int | None,
    engine_kwargs: dict[str, Any],
) -> dict[str, Any]:
    connect_args = dict(connect_args or {})
    if provider is not None:
        connect_args.setdefault("custom_credentials_provider", provider)
    arguments = {**engine_kwargs, "connect_args": connect_args}
    # Other pools than the default one do not know these.
    for name, value in (("pool_size", pool_size), ("max_overflow", max_overflow)):
        if value is not None:
            arguments[name] = value
    return arguments


def _checked(engine: Engine, arguments: dict[str, Any]) -> Engine:
    """What is wrong with the settings is told now, and not when the first connection is made."""
    if "creator" not in arguments and "pool" not in arguments:
        dialect: Any = engine.dialect
        _, from_url = dialect.create_connect_args(engine.url)
        dialect.arguments({**from_url, **arguments["connect_args"]})
    return engine
