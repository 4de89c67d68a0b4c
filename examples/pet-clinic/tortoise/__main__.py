"""A pet clinic on Tortoise ORM and Aurora DSQL.

`python examples/pet-clinic/tortoise` starts a local cluster inside the program; with DSQL_URL set it runs on that
cluster instead. Either way it leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import os

from clinic import day
from dsql_orm import LocalCluster
from tortoise import Tortoise, connections

CONFIG = {
    "connections": {"default": {"engine": "aurora_dsql_tortoise.asyncpg", "credentials": {}}},
    "apps": {"clinic": {"models": ["models"], "default_connection": "default"}},
}
TABLES = ("visit", "vet_specialty", "pet", "owner", "vet", "specialty")


async def main() -> None:
    await Tortoise.init(config=CONFIG)
    try:
        await Tortoise.generate_schemas()
        await day()
        for table in TABLES:
            await connections.get("default").execute_script(f"DROP TABLE {table}")
    finally:
        await Tortoise.close_connections()


if __name__ == "__main__":
    if "DSQL_URL" in os.environ:
        asyncio.run(main())
    else:
        cluster = LocalCluster()
        os.environ.update(cluster.env)
        print(f"A local cluster answers at {cluster.url}")
        try:
            asyncio.run(main())
        finally:
            cluster.stop()
