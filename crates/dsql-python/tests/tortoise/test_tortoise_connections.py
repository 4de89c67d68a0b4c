from __future__ import annotations

import asyncio
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import tortoise_fields
import tortoise_zoo
from dsql_orm import LocalCluster
from tortoise import Tortoise
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.exceptions import ConfigurationError
from tortoise.functions import Avg, Count
from tortoise.transactions import in_transaction
from tortoise_fields import Everything, example
from tortoise_support import at, connection, rows, run
from tortoise_zoo import Owner, Pet


def test_a_value_of_every_type_comes_back_as_it_went(connected: Any) -> None:
    async def work() -> None:
        async with connected(tortoise_fields):
            given = example()
            made = await Everything.create(**given)
            read = await Everything.get(id=made.id)
            for name, value in given.items():
                expected = Decimal(value) if name == "money" else value
                assert getattr(read, name) == expected, name
            assert read.nothing is None
            assert read.made is not None
            for name in given.keys() - {"real", "text", "facts", "at", "size"}:
                assert await Everything.filter(**{name: getattr(read, name)}).exists(), name

    run(work())


def test_json_can_be_text_as_it_was(connected: Any) -> None:
    async def work() -> None:
        async with connected(tortoise_fields, json_as="text") as db:
            made = await Everything.create(**example())
            assert (await Everything.get(id=made.id)).facts == example()["facts"]
            (column,) = await rows(
                db,
                "SELECT data_type FROM information_schema.columns "
                "WHERE column_name = 'facts' AND table_schema = current_schema()",
            )
            assert column["data_type"] == "text"

    run(work())


def test_relations_queries_and_aggregates(connected: Any) -> None:
    async def work() -> None:
        async with connected(tortoise_zoo) as db:
            ada, bob = await Owner.create(name="Ada", likes=1), await Owner.create(name="Bob", likes=3)
            rex = await Pet.create(name="Rex", owner=ada)
            tux, max_ = await Pet.create(name="Tux", owner=ada), await Pet.create(name="Max", owner=bob)
            await rex.friends.add(tux, max_)
            owners = await Owner.all().prefetch_related("pets__friends").order_by("name")
            assert [[pet.name for pet in owner.pets] for owner in owners] == [["Rex", "Tux"], ["Max"]]
            assert {friend.name for pet in owners[0].pets for friend in pet.friends} == {"Tux", "Max"}
            counted = await Owner.annotate(n=Count("pets")).order_by("-n").values("name", "n")
            assert counted == [{"name": "Ada", "n": 2}, {"name": "Bob", "n": 1}]
            assert await Owner.annotate(mean=Avg("likes")).values_list("mean", flat=True)
            assert await Pet.filter(owner__name__icontains="AD").count() == 2
            assert (await Pet.all().select_related("owner").get(name="Max")).owner.name == "Bob"
            assert [pet.name for pet in await tux.befriended.all()] == ["Rex"]
            await rex.friends.remove(tux)
            assert await rex.friends.all().count() == 1
            assert await Owner.raw("SELECT * FROM owner WHERE likes > 2") == [bob]
            assert await db.execute_query_dict("SELECT 100 % 7 AS rest") == [{"rest": 2}]
            assert await Pet.all().order_by("-name").limit(1).offset(1).values_list("name", flat=True) == ["Rex"]
            assert await Owner.filter(likes__gt=0).delete() == 2
            assert not await Pet.exists()
            await Owner.all().explain()

    run(work())


def test_a_url_says_everything_that_credentials_do(driver: str) -> None:
    found = expand_db_url(
        f"dsql+{driver}://someone@c.dsql.us-east-1.on.aws:5433/postgres?maxsize=7&wait_for_indexes=false"
        "&foreign_keys=omit&sslmode=require&batch_rows=10&token_duration_secs=60"
    )
    assert found["engine"] == f"aurora_dsql_tortoise.{driver}"
    client = _client(found)
    assert (client.pool_maxsize, client.settings.port, client.settings.user) == (7, 5433, "someone")
    assert client.settings.sslmode == "require"
    options = client.parameters.options
    assert (options.wait_for_indexes, options.foreign_keys, options.batch_rows) == (False, "omit", 10)


def _client(found: dict[str, Any]) -> Any:
    from importlib import import_module

    return import_module(found["engine"]).client_class(connection_name="default", **found["credentials"])


@pytest.mark.parametrize(
    "wrong", [{"foreign_keys": "some"}, {"batch_rows": 4000}, {"json_as": "xml"}, {"sequence_cache": 7}], ids=str
)
def test_a_setting_that_is_not_one_is_refused(driver: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        _client({"engine": f"aurora_dsql_tortoise.{driver}", "credentials": {"host": "h", **wrong}})


def test_a_host_without_a_region_is_told_so(driver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "DSQL_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    client = _client({"engine": f"aurora_dsql_tortoise.{driver}", "credentials": {}})
    with pytest.raises(ConfigurationError, match="default"):
        _ = client.settings


def test_a_pool_keeps_to_its_size_and_serves_more_than_it_has(connected: Any) -> None:
    async def work() -> None:
        async with connected(tortoise_zoo, minsize=2, maxsize=3) as db:
            await asyncio.gather(*(Owner.create(name=f"o{n}") for n in range(30)))
            assert await Owner.all().count() == 30
            pool = db._pool
            size = pool.get_size() if hasattr(pool, "get_size") else pool.get_stats()["pool_size"]
            assert 2 <= size <= 3
        async with connected(tortoise_zoo, tables=False, maxsize=1), in_transaction():
            assert await Owner.all().count() == 30

    run(work())


def test_a_connection_is_replaced_when_its_time_has_come(connected: Any) -> None:
    async def work() -> None:
        async with connected(tortoise_zoo, tables=False, maxsize=1, minsize=1, max_lifetime=0.2) as db:
            first = (await rows(db, "SELECT pg_backend_pid() AS pid"))[0]["pid"]
            await asyncio.sleep(0.4)
            await rows(db, "SELECT 1")
            await asyncio.sleep(0.4)
            for _ in range(50):
                if (await rows(db, "SELECT pg_backend_pid() AS pid"))[0]["pid"] != first:
                    return
                await asyncio.sleep(0.1)
            raise AssertionError("the connection was not replaced")

    run(work())


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Not pytest's own folder, which is closed to the user that PostgreSQL runs as."""
    folder = Path(tempfile.gettempdir()) / f"dsql-tortoise-{uuid.uuid4().hex}"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_a_pool_survives_the_restart_of_the_cluster(connected: Any, data_dir: Path) -> None:
    first = LocalCluster(data_dir=data_dir, schema_conflicts=False)
    port = first.port

    async def work() -> None:
        credentials = {**at(first), "schema": None, "minsize": 2}
        async with connected(tortoise_zoo, **credentials):
            await Owner.create(name="Ada")
            await asyncio.to_thread(first.stop)
            second = await asyncio.to_thread(lambda: LocalCluster(data_dir=data_dir, port=port, schema_conflicts=False))
            try:
                for attempt in range(50):
                    try:
                        assert await Owner.all().count() == 1
                        break
                    except AssertionError:
                        raise
                    except Exception:
                        if attempt == 49:
                            raise
                        await asyncio.sleep(0.1)
                await Owner.create(name="Bob")
            finally:
                await asyncio.to_thread(second.stop)

    run(work())


def test_a_token_is_kept_while_fresh(connected: Any, dsql_cluster: LocalCluster) -> None:
    asked: list[int] = []
    credentials = at(dsql_cluster)
    provider = credentials["custom_credentials_provider"]

    class Counting:
        def load(self) -> Any:
            asked.append(1)
            return provider

    async def work() -> None:
        given = {**credentials, "custom_credentials_provider": Counting(), "minsize": 5, "maxsize": 5}
        async with connected(tortoise_zoo, tables=False, **given) as db:
            await asyncio.gather(*(rows(db, "SELECT 1") for _ in range(20)))
            await db._expire_connections()
            await asyncio.gather(*(rows(db, "SELECT 1") for _ in range(20)))
            assert len(asked) <= 5

    run(work())


def test_tortoise_can_be_used_by_one_event_loop_after_the_other(connected: Any, dsql_url: str) -> None:
    async def count() -> int:
        return await Owner.all().count()

    async def use() -> None:
        async with connected(tortoise_zoo, tables=False):
            assert await count() == 1

    async def begin() -> None:
        async with connected(tortoise_zoo):
            await Owner.create(name="Ada")

    run(begin())
    for _ in range(3):
        run(use())


def test_a_connection_that_another_event_loop_left_behind_is_made_anew(
    connected: Any, dsql_url: str, driver: str, schema: str
) -> None:
    pytest.importorskip("tortoise.context")
    from tortoise.context import TortoiseContext
    from tortoise_support import config

    context = TortoiseContext()
    with context, warnings.catch_warnings():
        warnings.simplefilter("ignore")

        async def begin() -> None:
            await context.init(config=config(dsql_url, driver, tortoise_zoo, schema=schema))
            await context.generate_schemas()
            await Owner.create(name="Ada")

        async def again() -> int:
            return await Owner.all().count()

        async def end() -> None:
            await context.close_connections()

        run(begin())
        assert run(again()) == 1
        assert run(again()) == 1
        run(end())


def test_faults_of_the_service_are_got_over(connected: Any) -> None:
    """Conflicts and moments of unavailability, at every statement and commit."""
    from aurora_dsql_tortoise import RetryPolicy, run_in_transaction

    cluster = LocalCluster(schema_conflicts=False)

    async def move(db: Any) -> None:
        ada = await Owner.select_for_update().using_db(db).get(name="Ada")
        bob = await Owner.select_for_update().using_db(db).get(name="Bob")
        ada.likes -= 1
        bob.likes += 1
        await ada.save(using_db=db)
        await bob.save(using_db=db)

    async def work() -> None:
        policy = RetryPolicy(max_attempts=200, base=0.005, cap=0.05)
        async with connected(tortoise_zoo, **{**at(cluster), "schema": None, "retry": policy}):
            await Owner.create(name="Ada", likes=100)
            await Owner.create(name="Bob", likes=0)
            for fault in ("conflict", "schema", "unavailable"):
                cluster.inject(fault, times=5)
                await run_in_transaction(move, policy=policy)
                cluster.inject(fault, at="before_commit", times=2)
                if fault != "unavailable":
                    await run_in_transaction(move, policy=policy)
            assert {o.name: o.likes for o in await Owner.all()} in (
                {"Ada": 95, "Bob": 5},
                {"Ada": 94, "Bob": 6},
            )

    try:
        run(work())
    finally:
        cluster.stop()


def test_the_pool_is_made_when_it_is_needed(connected: Any) -> None:
    async def work() -> None:
        async with connected(tortoise_zoo, tables=False, port=9):
            assert connection()._pool is None
            assert Tortoise.describe_models()

    run(work())
