"""One figure of one side: tortoise_side.py ours|theirs FIGURE; prints seconds, or says that it fails."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import sys
import time
from typing import Any

from common import PORT, THEIR_HOST, median
from tortoise import Tortoise, connections, fields
from tortoise.models import Model

OURS = sys.argv[1] == "ours"


class Pet(Model):
    id = fields.UUIDField(primary_key=True)
    name = fields.CharField(max_length=50)
    age = fields.IntField(null=True)

    class Meta:
        table = f"bench_tortoise_{sys.argv[1]}"


def thirty() -> None:
    for number in range(30):
        name = f"Model{number}"
        meta = type("Meta", (), {"table": f"bench_{sys.argv[1]}_{number}"})
        globals()[name] = type(
            name,
            (Model,),
            {
                "__module__": __name__,
                "id": fields.UUIDField(primary_key=True),
                "name": fields.CharField(max_length=50, db_index=True),
                "at": fields.DatetimeField(auto_now_add=True),
                "Meta": meta,
            },
        )


if not OURS:
    resolve = socket.getaddrinfo

    def loopback(host: Any, *args: Any, **kwargs: Any) -> Any:
        return resolve("127.0.0.1" if host in (THEIR_HOST, THEIR_HOST.encode()) else host, *args, **kwargs)

    socket.getaddrinfo = loopback


def config(**pool: Any) -> dict[str, Any]:
    if OURS:
        # All of it from DSQL_URL.
        return {"engine": "aurora_dsql_tortoise.asyncpg", "credentials": {"wait_for_indexes": False, **pool}}
    context = ssl.create_default_context(cafile=os.environ["PGSSLROOTCERT"])
    context.check_hostname = False
    credentials = {"host": THEIR_HOST, "port": PORT, "user": "admin", "region": "us-east-1", "ssl": context, **pool}
    return {"engine": "aurora_dsql_tortoise.asyncpg", "credentials": credentials}


async def start(**pool: Any) -> None:
    await Tortoise.init(
        config={"connections": {"default": config(**pool)}, "apps": {"models": {"models": [__name__]}}},
        _enable_global_fallback=True,
    )


async def settle() -> None:
    connection = connections.get("default")
    deadline = time.monotonic() + 120
    while True:
        (row,) = await connection.execute_query_dict(
            "SELECT count(*) AS n FROM sys.jobs WHERE status IN ('submitted', 'processing')"
        )
        if not row["n"]:
            return
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def drop(tables: list[str]) -> None:
    await settle()
    connection = connections.get("default")
    for table in tables:
        await connection.execute_script(f"DROP TABLE IF EXISTS {table}")


async def rows() -> None:
    await drop([Pet._meta.db_table])
    await Tortoise.generate_schemas()
    await settle()


async def timed(work: Any, rounds: int) -> float:
    taken: list[float] = []
    for _ in range(rounds):
        began = time.perf_counter()
        await work()
        taken.append(time.perf_counter() - began)
    return median(taken)


async def pool() -> float:
    """Ten connections, from nothing."""
    began = time.perf_counter()
    await start(minsize=10, maxsize=10)
    await connections.get("default").execute_query("SELECT 1")
    return time.perf_counter() - began


async def schemas() -> float:
    thirty()
    await start()
    tables = [f"bench_{sys.argv[1]}_{number}" for number in range(30)] + [Pet._meta.db_table]
    await drop(tables)
    took = await timed(Tortoise.generate_schemas, 1)
    await drop(tables)
    return took


async def bulk_create() -> float:
    await start()
    await rows()
    pets = [Pet(name=f"pet {n}", age=n) for n in range(10_000)]
    return await timed(lambda: Pet.bulk_create(pets, batch_size=1_000 if not OURS else None), 1)


async def bulk_create_100_000() -> float:
    await start()
    await rows()
    return await timed(lambda: Pet.bulk_create([Pet(name=f"pet {n}", age=n) for n in range(100_000)]), 1)


async def crud() -> float:
    await start()
    await rows()

    async def one() -> None:
        pet = await Pet.create(name="Tom", age=3)
        pet.age = 4
        await pet.save()
        assert await Pet.get(id=pet.id)
        await pet.delete()

    await one()
    return await timed(one, 200)


async def main() -> None:
    try:
        took = await globals()[sys.argv[2]]()
        print(took)
    finally:
        await Tortoise.close_connections()


asyncio.run(main())
