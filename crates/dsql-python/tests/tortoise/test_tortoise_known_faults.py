# ruff: noqa: PT012 (a transaction is more than a statement)
"""What went wrong in the adapter that people have today, and was not listed as known."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest
import tortoise_indexes
import tortoise_zoo
from dsql_orm import LocalCluster
from tortoise.exceptions import DBConnectionError, IntegrityError, OperationalError
from tortoise.transactions import in_transaction
from tortoise_support import at, rows, run
from tortoise_zoo import Owner, Pet


def test_the_server_is_verified_unless_told_otherwise(connected: Any, driver: str) -> None:
    """A token goes to no stranger."""
    other = LocalCluster()

    async def work() -> None:
        # The certificates of one cluster, the address of another.
        async with connected(
            tortoise_zoo, tables=False, schema=None, host="localhost", port=other.port, timeout=3
        ) as connection:
            with pytest.raises(Exception, match=r"(?i)certificate|verify|couldn't get a connection|establish"):
                await connection.execute_query("SELECT 1")
        async with connected(tortoise_zoo, tables=False, **{**at(other), "schema": None}) as connection:
            assert (await rows(connection, "SELECT 1 AS one")) == [{"one": 1}]

    try:
        run(work())
    finally:
        other.stop()


@pytest.mark.parametrize("sslmode", ["disable", "prefer", "allow"])
def test_a_connection_without_tls_is_refused_before_it_is_made(connected: Any, sslmode: str) -> None:
    async def work() -> None:
        async with connected(tortoise_zoo, tables=False, sslmode=sslmode, timeout=3) as connection:
            with pytest.raises(Exception, match=sslmode):
                await connection.execute_query("SELECT 1")

    run(work())


def test_a_many_to_many_table_has_its_foreign_keys_and_no_pair_twice(connected: Any) -> None:
    async def work() -> None:
        async with connected(tortoise_zoo) as connection:
            found = await rows(
                connection,
                "SELECT contype::text AS kind FROM pg_constraint WHERE conrelid = 'pet_pet'::regclass",
            )
            assert [each["kind"] for each in found].count("f") == 2
            rex, tux = await Pet.create(name="Rex"), await Pet.create(name="Tux")
            await rex.friends.add(tux)
            with pytest.raises(IntegrityError):
                await connection.execute_query("INSERT INTO pet_pet SELECT * FROM pet_pet")

    run(work())


def test_nothing_of_tortoise_or_aerich_is_patched() -> None:
    """In a process of its own: what their classes hold is the same before and after."""
    pytest.importorskip("aerich")
    program = """
import importlib, sys
import aerich, aerich.migrate, aerich.models, aerich.ddl.postgres, tortoise
import tortoise.backends.asyncpg.client, tortoise.backends.psycopg.client

def held():
    found = {}
    for name, module in sorted(sys.modules.items()):
        if name.split(".")[0] not in ("aerich", "tortoise", "pypika_tortoise", "asyncpg", "psycopg"):
            continue
        for key, value in vars(module).items():
            if isinstance(value, type) and value.__module__ == name:
                for attribute, what in vars(value).items():
                    found[name, key, attribute] = id(what)
            elif callable(value):
                found[name, key, ""] = id(value)
    return found

before = held()
import aurora_dsql_tortoise.asyncpg, aurora_dsql_tortoise.psycopg, aurora_dsql_tortoise.aerich_compat
import aurora_dsql_tortoise.common.fields
after = held()
assert len(before) > 1000
changed = [place for place in before if after.get(place) != before[place] and not place[2].startswith(("_abc", "__"))]
assert not changed, changed
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_application_name_says_who_connects(connected: Any, driver: str) -> None:
    async def work() -> None:
        async with connected(tortoise_zoo, tables=False) as connection:
            (found,) = await rows(connection, "SELECT current_setting('application_name') AS name")
            assert found["name"].startswith("tortoise:aurora-dsql-")
            assert driver in found["name"]
        async with connected(tortoise_zoo, tables=False, application_name="bakery") as connection:
            (found,) = await rows(connection, "SELECT current_setting('application_name') AS name")
            assert found["name"] == "bakery"

    run(work())


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT * FROM nowhere", OperationalError),
        ("SELEKT", OperationalError),
        ("SELECT 1/0", OperationalError),
        ("INSERT INTO owner (id, name) VALUES ('00000000-0000-0000-0000-000000000000', NULL)", IntegrityError),
        ("SELECT pg_advisory_lock(1)", OperationalError),
        ("LOCK TABLE owner", OperationalError),
        ("SAVEPOINT s", OperationalError),
        ("SELECT 'x'::uuid", OperationalError),
    ],
)
def test_an_error_has_the_same_class_on_either_driver(
    connected: Any, statement: str, expected: type[Exception]
) -> None:
    async def work() -> None:
        async with connected(tortoise_zoo) as connection:
            with pytest.raises(expected) as caught:
                await connection.execute_query(statement)
            assert type(caught.value) is expected
            with pytest.raises(expected):
                async with in_transaction() as within:
                    await within.execute_query(statement)

    run(work())


def test_indexes_keep_their_options_and_comments_their_quotes(connected: Any) -> None:
    async def work() -> None:
        async with connected(tortoise_indexes) as connection:
            found = await rows(
                connection, "SELECT indexdef FROM pg_indexes WHERE tablename = 'indexed' AND indexname = 'partial_kind'"
            )
            assert "WHERE" in found[0]["indexdef"]
            assert not await rows(connection, "SELECT 1 FROM pg_index WHERE NOT indisvalid")
            (comment,) = await rows(connection, "SELECT obj_description('indexed'::regclass) AS text")
            assert comment["text"] == "indexed in every way"
            await tortoise_indexes.Indexed.create(name="Rex", kind="dog")
            with pytest.raises(IntegrityError):
                await tortoise_indexes.Indexed.create(name="Rex", kind="dog")

    run(work())


def test_a_catalog_that_changes_disturbs_neither_statements_nor_scripts(connected: Any) -> None:
    """OC001, as the service answers it after somebody else's change of the schema."""
    cluster = LocalCluster(schema_conflicts=True)

    async def work() -> None:
        from tortoise import Tortoise

        credentials = {**at(cluster), "schema": None, "minsize": 3}
        async with connected(tortoise_zoo, tables=False, **credentials) as connection:
            await Tortoise.generate_schemas()
            for number in range(3):
                await connection.execute_script(f"CREATE TABLE t{number} (a INT)")
                await asyncio.gather(*(Owner.create(name=f"o{number}-{each}") for each in range(3)))
                assert await Owner.all().count() == 3 * (number + 1)

    try:
        run(work())
    finally:
        cluster.stop()


def test_a_statement_of_the_schema_runs_as_a_plan_however_it_is_sent(connected: Any) -> None:
    async def work() -> None:
        async with connected(tortoise_zoo) as connection:
            await connection.execute_query("CREATE INDEX by_likes ON owner USING btree (likes DESC)")
            async with in_transaction() as within:
                await within.execute_query("CREATE TABLE more (id SERIAL PRIMARY KEY)")
                await within.execute_query("INSERT INTO more DEFAULT VALUES")
            assert await rows(connection, "SELECT count(*) AS n FROM more") == [{"n": 1}]
            with pytest.raises(OperationalError, match="ddl and dml"):
                async with in_transaction() as within:
                    await within.execute_query("INSERT INTO more DEFAULT VALUES")
                    await within.execute_query("DROP TABLE more")
            assert await rows(connection, "SELECT count(*) AS n FROM more") == [{"n": 1}]

    run(work())


def test_what_the_service_cannot_have_is_refused_with_the_rule(connected: Any) -> None:
    async def work() -> None:
        async with connected(tortoise_zoo) as connection:
            with pytest.raises(OperationalError, match="trigger"):
                await connection.execute_script(
                    "CREATE TRIGGER t BEFORE INSERT ON owner FOR EACH ROW EXECUTE FUNCTION f()"
                )
            with pytest.raises(OperationalError, match="one database"):
                await connection.db_create()

    run(work())


def test_a_server_that_is_not_there_is_a_connection_error(connected: Any) -> None:
    async def work() -> None:
        async with connected(tortoise_zoo, tables=False, port=9, timeout=2) as connection:
            with pytest.raises(DBConnectionError):
                await connection.execute_query("INSERT INTO owner (name) VALUES ('x')")

    run(work())
