"""What the tests share: the configuration of a connection, and plain statements."""

from __future__ import annotations

import asyncio
from types import ModuleType
from typing import Any

import aurora_dsql_tortoise  # noqa: F401  (the URL schemes)


def config(url: str, driver: str, *models: ModuleType | str, **credentials: Any) -> dict[str, Any]:
    from tortoise.backends.base.config_generator import expand_db_url

    expanded = expand_db_url(url.replace("dsql://", f"dsql+{driver}://"))
    expanded["credentials"] |= credentials
    return {
        "connections": {"default": expanded},
        "apps": {
            "models": {
                "models": [m if isinstance(m, str) else m.__name__ for m in models],
                "default_connection": "default",
            }
        },
    }


def connection(name: str = "default") -> Any:
    from tortoise import connections

    return connections.get(name)


async def rows(connection: Any, query: str) -> list[dict[str, Any]]:
    return await connection.execute_query_dict(query)


def run(work: Any) -> Any:
    return asyncio.run(asyncio.wait_for(work, 100))


async def statement(url: str, statement: str) -> None:
    import asyncpg
    from dsql_orm import Settings, _driver

    settings = Settings(url)
    connection = await asyncpg.connect(**_driver.asyncpg(settings, orm="test"), password=settings.token())
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def at(cluster: Any) -> dict[str, Any]:
    """The credentials of another local cluster."""
    from dsql_orm import Settings

    settings = Settings(cluster.url)
    environment = cluster.env

    class Provider:
        access_key = environment["AWS_ACCESS_KEY_ID"]
        secret_key = environment["AWS_SECRET_ACCESS_KEY"]
        token = None

        def load(self) -> Any:
            return self

    return {
        "host": settings.host,
        "port": settings.port,
        "sslrootcert": str(cluster.ca_file),
        "region": "us-east-1",
        "custom_credentials_provider": Provider(),
    }
