"""psycopg 3, with asyncio."""

import asyncio
from uuid import uuid4

import psycopg
import pytest

from conftest import CONFLICT


async def visits(name: str) -> psycopg.AsyncConnection:
    conn = await psycopg.AsyncConnection.connect("", autocommit=True)
    await conn.execute(f"CREATE TABLE {name} (id uuid PRIMARY KEY, n int)")
    return conn


def test_rows_go_in_and_out(name):
    async def run() -> None:
        async with await visits(name) as conn:
            keys = [uuid4() for _ in range(200)]
            async with conn.cursor() as cur:
                await cur.executemany(
                    f"INSERT INTO {name} VALUES (%s, %s)", [(key, 1) for key in keys[:100]]
                )
                async with cur.copy(f"COPY {name} FROM STDIN") as copy:
                    for key in keys[100:]:
                        await copy.write_row((key, 2))
                await cur.execute(f"SELECT id FROM {name} ORDER BY n", binary=True)
                assert {row[0] async for row in cur} == set(keys)

    asyncio.run(run())


def test_two_tasks_meet_and_one_is_told(name):
    async def run() -> None:
        async with await visits(name) as conn:
            await conn.execute(f"INSERT INTO {name} VALUES (gen_random_uuid(), 0)")
            async with await psycopg.AsyncConnection.connect("") as loser:
                await loser.execute(f"UPDATE {name} SET n = 1")
                await conn.execute(f"UPDATE {name} SET n = 2")
                with pytest.raises(psycopg.errors.SerializationFailure) as conflict:
                    await loser.commit()
                assert conflict.value.diag.message_primary == CONFLICT
                await loser.execute(f"UPDATE {name} SET n = n + 1")
                await loser.commit()
            cur = await conn.execute(f"SELECT n FROM {name}")
            assert await cur.fetchone() == (3,)

    asyncio.run(run())


def test_a_task_that_is_cancelled_cancels_its_query():
    async def run() -> None:
        async with await psycopg.AsyncConnection.connect("", autocommit=True) as conn:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await conn.execute("SELECT pg_sleep(60)")
            cur = await conn.execute("SELECT 1")
            assert await cur.fetchone() == (1,)

    asyncio.run(run())


def test_a_pipeline_with_an_error_in_the_middle(name):
    async def run() -> None:
        async with await visits(name) as conn:
            with pytest.raises(psycopg.errors.DivisionByZero):
                async with conn.pipeline():
                    for n in range(100):
                        divisor = 0 if n == 50 else 1
                        await conn.execute(
                            f"INSERT INTO {name} SELECT gen_random_uuid(), 1 / %s", [divisor]
                        )
            cur = await conn.execute(f"SELECT count(*) FROM {name}")
            assert await cur.fetchone() == (0,)

    asyncio.run(run())
