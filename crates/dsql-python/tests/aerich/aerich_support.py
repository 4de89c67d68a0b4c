"""What the tests share: the configuration of Aerich, and plain statements."""

from __future__ import annotations

import asyncio
import base64
import zlib
from typing import Any

from dsql_orm import Settings, _driver
from tortoise import Tortoise
from tortoise.backends.base.executor import EXECUTOR_CACHE

# What Aerich writes below a migration, and its versions before 0.10 want to see there.
_STATE = base64.b64encode(zlib.compress(b'{"models.None": {}}')).decode()
MODELS_STATE = f'MODELS_STATE = "{_STATE}"\n'


def config(connections: dict[str, Any], *models: str) -> dict[str, Any]:
    return {
        "connections": connections,
        "apps": {"models": {"models": [*models, "aerich.models"], "default_connection": "default"}},
    }


def execute(url: str, *statements: str) -> list[Any]:
    import asyncpg

    async def work() -> list[Any]:
        settings = Settings(url)
        connection = await asyncpg.connect(**_driver.asyncpg(settings, orm="test"), password=settings.token())
        try:
            answer: list[Any] = []
            for statement in statements:
                answer = await connection.fetch(statement)
            return [tuple(row) for row in answer]
        finally:
            await connection.close()

    return asyncio.run(work())


def run(work: Any) -> Any:
    """As a command of its own: Aerich keeps what it found in its class."""
    from aerich.migrate import Migrate
    from aerich.models import Aerich

    for found in [value for value in vars(Migrate).values() if isinstance(value, list | set | dict)]:
        found.clear()
    Migrate._last_version_content = None
    Aerich._meta.app = None
    EXECUTOR_CACHE.clear()
    if isinstance(vars(Tortoise).get("_inited"), bool):
        # An older Tortoise keeps its models and connections for the life of the process.
        Tortoise._inited = False
        vars(Tortoise)["apps"].clear()
    return asyncio.run(asyncio.wait_for(work, 100))
