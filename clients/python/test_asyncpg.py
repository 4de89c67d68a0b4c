"""asyncpg."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from conftest import CONFLICT
from values import COLUMNS, DOCUMENT, definition


def connected(test: Callable[[asyncpg.Connection, str], Awaitable[None]]) -> Callable[[str], None]:
    """Runs a test with a connection; the settings of the environment are asyncpg's own, too."""

    def run(name: str) -> None:
        async def body() -> None:
            conn = await asyncpg.connect()
            try:
                await test(conn, name)
            finally:
                await conn.close()

        asyncio.run(body())

    run.__name__ = test.__name__
    return run


async def visits(conn: asyncpg.Connection, name: str) -> None:
    await conn.execute(
        f"CREATE TABLE {name} (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), n int)"
    )


@connected
async def test_it_connects_with_verify_full_and_a_token(conn, name):
    version = conn.get_server_version()
    assert (version.major, version.micro) == (16, 15)
    with pytest.raises(asyncpg.PostgresError, match="access denied"):
        await asyncpg.connect(password="no token")


@connected
async def test_every_usual_type_goes_in_and_out(conn, name):
    await conn.execute(definition(name))
    values = [uuid4(), *(value for _, value in COLUMNS.values())]
    document = json.dumps(DOCUMENT)
    marks = ", ".join(f"${n}" for n in range(1, len(values) + 3))
    await conn.execute(f"INSERT INTO {name} VALUES ({marks})", *values, document, document)
    row = list(await conn.fetchrow(f"SELECT * FROM {name}"))
    assert row[:-2] == values
    assert [json.loads(text) for text in row[-2:]] == [DOCUMENT, DOCUMENT]


@connected
async def test_a_prepared_statement_is_reused(conn, name):
    await visits(conn, name)
    insert = await conn.prepare(f"INSERT INTO {name} (n) VALUES ($1) RETURNING n")
    assert [await insert.fetchval(n) for n in range(20)] == list(range(20))


@connected
async def test_many_rows_by_executemany_and_copy(conn, name):
    await visits(conn, name)
    insert = f"INSERT INTO {name} (n) VALUES ($1)"
    await conn.executemany(insert, [(n,) for n in range(1000)])
    await conn.copy_records_to_table(name, records=[(uuid4(), n) for n in range(100)])
    assert await conn.fetchval(f"SELECT count(*) FROM {name}") == 1100
    # The limit counts what goes through in one pipeline, however few rows a statement has.
    with pytest.raises(asyncpg.ProgramLimitExceededError, match="row limit exceeded"):
        await conn.executemany(insert, [(n,) for n in range(3001)])
    assert await conn.fetchval(f"SELECT count(*) FROM {name}") == 1100


@connected
async def test_rows_come_in_portions(conn, name):
    async with conn.transaction():
        rows = [row[0] async for row in conn.cursor("SELECT generate_series(1, 1000)", prefetch=30)]
    assert rows == list(range(1, 1001))


@connected
async def test_a_conflict_at_commit_is_told(conn, name):
    await visits(conn, name)
    await conn.execute(f"INSERT INTO {name} (n) VALUES (0)")
    loser = await asyncpg.connect()
    with pytest.raises(asyncpg.SerializationError) as conflict:
        async with loser.transaction():
            await loser.execute(f"UPDATE {name} SET n = n + 1")
            await conn.execute(f"UPDATE {name} SET n = n + 10")
    assert str(conflict.value) == CONFLICT
    async with loser.transaction():
        await loser.execute(f"UPDATE {name} SET n = n + 1")
    await loser.close()
    assert await conn.fetchval(f"SELECT n FROM {name}") == 11


@connected
async def test_an_error_aborts_a_transaction_until_rollback(conn, name):
    transaction = conn.transaction()
    await transaction.start()
    with pytest.raises(asyncpg.DivisionByZeroError):
        await conn.fetchval("SELECT 1 / $1::int", 0)
    with pytest.raises(asyncpg.InFailedSQLTransactionError):
        await conn.fetchval("SELECT 1")
    await transaction.rollback()
    assert await conn.fetchval("SELECT 1") == 1


@connected
async def test_a_query_is_cancelled_by_its_time_out(conn, name):
    with pytest.raises(TimeoutError):
        await conn.fetchval("SELECT pg_sleep($1)", 60, timeout=0.2)
    assert await conn.fetchval("SELECT $1::interval", timedelta(days=1)) == timedelta(days=1)


@connected
async def test_notices_come_through(conn, name):
    notices: list[str] = []
    conn.add_log_listener(lambda _, notice: notices.append(notice.message))
    await conn.execute(f"DROP TABLE IF EXISTS {name}")
    await asyncio.sleep(0)
    assert notices == [f'table "{name}" does not exist, skipping']


@connected
async def test_what_the_service_refuses_is_refused_in_its_words(conn, name):
    with pytest.raises(asyncpg.FeatureNotSupportedError, match="^unsupported statement: Truncate$"):
        await conn.execute(f"TRUNCATE {name}")


def test_a_pool_needs_a_reset_of_its_own(name):
    """What asyncpg sends when a connection goes back to its pool, the service refuses."""

    async def reset(conn: asyncpg.Connection) -> None:
        await conn.execute("RESET ALL")

    async def run() -> None:
        async with asyncpg.create_pool(min_size=1, max_size=1) as pool:
            with pytest.raises(asyncpg.FeatureNotSupportedError):
                async with pool.acquire() as conn:
                    await conn.fetchval("SELECT 1")
        async with asyncpg.create_pool(min_size=1, max_size=4, reset=reset) as pool:
            async with pool.acquire() as conn:
                await visits(conn, name)
            await asyncio.gather(
                *(pool.execute(f"INSERT INTO {name} (n) VALUES ($1)", n) for n in range(50))
            )
            assert await pool.fetchval(f"SELECT count(*) FROM {name}") == 50

    asyncio.run(run())
