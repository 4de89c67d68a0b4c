# ruff: noqa: PT012 (a transaction is more than a statement)
"""What the adapter that people have today lists as known issues, and here works."""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import Any

import aurora_dsql_tortoise
import pytest
import tortoise_fields
import tortoise_relations as relations
import tortoise_zoo as models
from aurora_dsql_tortoise import DsqlConflictError, bulk_create, retry_on_conflict, run_in_transaction
from tortoise.exceptions import IntegrityError, TransactionManagementError
from tortoise.transactions import atomic, in_transaction
from tortoise_fields import Everything, OneColumn, example
from tortoise_support import at, rows, run
from tortoise_zoo import Owner, Pet


def test_json_fields_are_jsonb_and_can_be_filtered_by_their_keys(connected: Any) -> None:
    async def work() -> None:
        async with connected(models) as connection:
            await Pet.create(name="Rex", facts={"legs": 4, "likes": {"food": "bones"}, "tags": ["a", "b"]})
            await Pet.create(name="Tux", facts={"legs": 2})
            assert [p.name for p in await Pet.filter(facts__filter={"legs": 4})] == ["Rex"]
            assert [p.name for p in await Pet.filter(facts__filter={"likes__food": "bones"})] == ["Rex"]
            assert [p.name for p in await Pet.filter(facts__contains={"legs": 2})] == ["Tux"]
            types = await rows(
                connection, "SELECT data_type FROM information_schema.columns WHERE column_name = 'facts'"
            )
            assert {"data_type": "jsonb"} in types

    run(work())


def test_a_transaction_within_another_joins_it(connected: Any) -> None:
    @atomic()
    async def inner() -> None:
        await Owner.create(name="Bob")

    async def work() -> None:
        async with connected(models):
            async with in_transaction():
                await Owner.create(name="Ada")
                await inner()
                async with in_transaction():
                    assert await Owner.all().count() == 2
            assert await Owner.all().count() == 2
            with pytest.raises(ZeroDivisionError):
                async with in_transaction():
                    await Owner.create(name="Cid")
                    await inner_with_another_name()
                    raise ZeroDivisionError
            assert await Owner.all().count() == 2

    @atomic()
    async def inner_with_another_name() -> None:
        await Owner.create(name="Dan")

    run(work())


def test_an_inner_exception_that_is_caught_dooms_the_outer_transaction_which_says_so(connected: Any) -> None:
    async def work() -> None:
        async with connected(models):
            with pytest.raises(TransactionManagementError, match=r"inner transaction was rolled back .*no such luck"):
                async with in_transaction():
                    await Owner.create(name="Ada")
                    try:
                        async with in_transaction():
                            await Owner.create(name="Bob")
                            raise RuntimeError("no such luck")
                    except RuntimeError:
                        pass
            assert not await Owner.exists()

    run(work())


def test_a_statement_in_a_doomed_transaction_is_told_why(connected: Any) -> None:
    async def work() -> None:
        async with connected(models):
            await Owner.create(name="Ada")
            with pytest.raises(TransactionManagementError, match="owner_name_key"):
                async with in_transaction():
                    with contextlib.suppress(IntegrityError):
                        await Owner.create(name="Ada")
                    await Owner.create(name="Bob")
            with pytest.raises(TransactionManagementError, match="owner_name_key"):
                async with in_transaction():
                    await Owner.create(name="Cid")
                    with contextlib.suppress(IntegrityError):
                        await Owner.create(name="Ada")
            assert [o.name for o in await Owner.all()] == ["Ada"]

    run(work())


def test_no_savepoint_is_ever_sent(connected: Any, caplog: pytest.LogCaptureFixture) -> None:
    """The service refuses SAVEPOINT: had one been sent, this had failed."""

    async def work() -> None:
        async with connected(models):
            async with in_transaction(), in_transaction(), in_transaction():
                await Owner.create(name="Ada")
            assert await Owner.exists(name="Ada")

    run(work())


def test_a_transaction_can_be_ended_by_hand(connected: Any) -> None:
    async def work() -> None:
        async with connected(models):
            async with in_transaction() as connection:
                await Owner.create(name="Ada", using_db=connection)
                await connection.rollback()
            assert not await Owner.exists()
            async with in_transaction() as connection:
                await Owner.create(name="Ada", using_db=connection)
                await connection.commit()
                with pytest.raises(TransactionManagementError, match="finalised"):
                    await connection.commit()
            assert await Owner.exists()

    run(work())


@pytest.mark.parametrize(
    "how", [{}, {"nowait": True}, {"skip_locked": True}, {"of": ("owner",)}, {"no_key": True}], ids=str
)
def test_select_for_update_finds_a_conflict_at_commit(connected: Any, how: dict[str, Any]) -> None:
    async def work() -> None:
        async with connected(models):
            await Owner.create(name="Ada", likes=0)
            with pytest.raises(DsqlConflictError, match="OC000"):
                async with in_transaction() as mine:
                    ada = await Owner.select_for_update(**how).using_db(mine).get(name="Ada")
                    await asyncio.create_task(elsewhere())
                    await Owner.filter(id=ada.id).using_db(mine).update(likes=ada.likes + 1)
            assert (await Owner.get(name="Ada")).likes == 10

    async def elsewhere() -> None:
        outside = aurora_dsql_tortoise_pool()
        async with outside._in_transaction() as other:
            await Owner.filter(name="Ada").using_db(other).update(likes=10)

    run(work())


def aurora_dsql_tortoise_pool() -> Any:
    """The connection without the transaction that the task is in."""
    from tortoise_support import connection

    current = connection()
    return getattr(current, "_parent", current)


def test_a_conflict_is_retried_by_the_helper_until_every_like_is_counted(connected: Any) -> None:
    async def like(connection: Any) -> None:
        ada = await Owner.select_for_update().using_db(connection).get(name="Ada")
        ada.likes += 1
        await ada.save(using_db=connection)

    async def work() -> None:
        async with connected(models, maxsize=10):
            await Owner.create(name="Ada")
            policy = aurora_dsql_tortoise.RetryPolicy(max_attempts=100)
            await asyncio.gather(*(run_in_transaction(like, policy=policy) for _ in range(10)))
            assert (await Owner.get(name="Ada")).likes == 10

    run(work())


@pytest.mark.parametrize("within", [False, True], ids=["by itself", "in a transaction"])
def test_20_calls_of_update_or_create_at_once_make_one_row(connected: Any, within: bool) -> None:
    @retry_on_conflict(policy=aurora_dsql_tortoise.RetryPolicy(max_attempts=100))
    async def call(number: int) -> tuple[Owner, bool]:
        if within:
            async with in_transaction():
                return await Owner.update_or_create(name="Ada", defaults={"likes": number})
        return await Owner.update_or_create(name="Ada", defaults={"likes": number})

    async def work() -> None:
        async with connected(models, maxsize=20):
            answers = await asyncio.gather(*(call(number) for number in range(20)))
            assert sum(created for _, created in answers) == 1
            assert len({owner.id for owner, _ in answers}) == 1
            (ada,) = await Owner.all()
            assert ada.likes in range(20)

    run(work())


def test_20_calls_of_get_or_create_at_once_make_one_row(connected: Any) -> None:
    """Without a helper: a transaction of one statement is repeated by itself, and then finds the row."""

    async def call() -> tuple[Owner, bool]:
        return await Owner.get_or_create(name="Ada")

    async def work() -> None:
        async with connected(models, maxsize=20):
            answers = await asyncio.gather(*(call() for _ in range(20)))
            assert sum(created for _, created in answers) == 1
            assert len({owner.id for owner, _ in answers}) == 1
            assert await Owner.all().count() == 1

    run(work())


def test_bulk_create_and_bulk_update_go_beyond_3000_rows(connected: Any) -> None:
    async def work() -> None:
        async with connected(models):
            await Owner.bulk_create([Owner(name=f"o{n}") for n in range(3500)])
            assert await Owner.all().count() == 3500
            owners = await Owner.all()
            for number, owner in enumerate(owners):
                owner.likes = number
            assert await Owner.bulk_update(owners, fields=["likes"]) == 3500
            assert await Owner.filter(likes__gte=3000).count() == 500
            assert sum(await Owner.all().values_list("likes", flat=True)) == sum(range(3500))
            # Tortoise's own batches are kept.
            assert await Owner.bulk_update(owners, fields=["likes", "name"], batch_size=100) == 3500
            await Owner.bulk_create(
                [Owner(name=f"o{n}", likes=-1) for n in range(3400, 3600)],
                on_conflict=["name"],
                update_fields=["likes"],
            )
            assert await Owner.filter(likes=-1).count() == 200
            assert await Owner.all().count() == 3600
            await Owner.bulk_create([Owner(name=f"o{n}") for n in range(3700)], ignore_conflicts=True)
            assert await Owner.all().count() == 3700

    run(work())


def test_a_bulk_update_of_filtered_rows_leaves_the_others(connected: Any) -> None:
    async def work() -> None:
        async with connected(models):
            await Owner.bulk_create([Owner(name=f"o{n:04}", likes=n % 2) for n in range(1200)])
            owners = await Owner.all()
            for owner in owners:
                owner.likes += 10
            changed = await Owner.filter(name__lt="o1100", name__gte="o0100").bulk_update(owners, fields=["likes"])
            assert changed == 1000
            assert await Owner.filter(likes__gte=10).count() == 1000

    run(work())


def test_rows_of_any_size_are_cut_into_what_a_transaction_holds(connected: Any) -> None:
    async def work() -> None:
        async with connected(models, tortoise_fields):
            await Pet.bulk_create([Pet(name=f"p{n}", facts={"text": "x" * 200_000}) for n in range(100)])
            assert await Pet.all().count() == 100
            # Every type, and NULL, in statements of many rows.
            await Everything.bulk_create([Everything(**example()) for _ in range(1100)])
            assert await Everything.filter(nothing=None, money=example()["money"]).count() == 1100
            await OneColumn.bulk_create([OneColumn() for _ in range(1100)])
            assert await OneColumn.all().count() == 1100
            with pytest.raises(IntegrityError):
                await Owner.bulk_create([Owner(name="Ada"), Owner(name="Ada")])
            assert not await Owner.exists()

    run(work())


def test_bulk_create_answers_generated_keys(connected: Any) -> None:
    async def work() -> None:
        async with connected(models):
            pets = await bulk_create(Pet, [Pet(name=f"p{n}", facts={"n": n}) for n in range(2500)])
            assert len({pet.pk for pet in pets}) == 2500
            for pet in pets[::500]:
                assert (await Pet.get(pk=pet.pk)).facts == pet.facts
            await pets[0].delete()
            assert await Pet.all().count() == 2499
            async with in_transaction() as connection:
                (rex,) = await bulk_create(Pet, [Pet(name="Rex")], using_db=connection)
                assert await Pet.filter(pk=rex.pk).using_db(connection).exists()

    run(work())


def test_foreign_keys_are_the_services_own(connected: Any) -> None:
    async def work() -> None:
        async with connected(relations):
            parent = await relations.Parent.create(name="p")
            other = await relations.Parent.create(id=7, name="default")
            cascade = await relations.Child.create(kind="cascade", cascade=parent)
            null = await relations.Child.create(kind="null", set_null=parent)
            default = await relations.Child.create(kind="default", set_default=parent)
            free = await relations.Child.create(kind="free", free_id=4711)
            held = await relations.Child.create(kind="held", restrict=parent)
            with pytest.raises(IntegrityError):
                await parent.delete()
            await held.delete()
            held = await relations.Child.create(kind="held", no_action=parent)
            with pytest.raises(IntegrityError):
                await parent.delete()
            await held.delete()
            with pytest.raises(IntegrityError):
                await relations.Child.create(kind="lost", cascade_id=4711)
            await parent.delete()
            assert not await relations.Child.filter(id=cascade.id).exists()
            await null.refresh_from_db()
            assert null.set_null_id is None
            await default.refresh_from_db()
            assert default.set_default_id == other.id
            assert (await relations.Child.get(id=free.id)).free_id == 4711

    run(work())


def test_foreign_keys_can_be_left_out_and_looked_after_by_the_application(connected: Any) -> None:
    async def work() -> None:
        async with connected(models, foreign_keys="omit", check_foreign_keys=True) as connection:
            assert not await rows(connection, f"SELECT 1 FROM pg_constraint WHERE contype = 'f' {MINE}")
            ada = await Owner.create(name="Ada")
            pet = await Pet.create(name="Rex", owner=ada)
            with pytest.raises(IntegrityError, match="refers to Owner"):
                await Pet.create(name="Tux", owner_id="00000000-0000-0000-0000-000000000000")
            pet.owner_id = "00000000-0000-0000-0000-000000000000"
            with pytest.raises(IntegrityError, match="refers to Owner"):
                await pet.save()
            await pet.save(update_fields=["name"])
            with pytest.raises(IntegrityError, match=r"still referred to by Pet.owner"):
                await ada.delete()
            await pet.delete()
            await ada.delete()
        async with connected(models, tables=False, foreign_keys="omit"):
            await Pet.create(name="Tux", owner_id="00000000-0000-0000-0000-000000000000")

    run(work())


MINE = "AND connamespace = current_schema()::regnamespace"


def test_integer_keys_of_every_width_are_bigint_identities_and_so_is_what_refers_to_them(connected: Any) -> None:
    async def work() -> None:
        async with connected(relations) as connection:
            columns = await rows(
                connection,
                "SELECT table_name, column_name, data_type, is_identity FROM information_schema.columns "
                "WHERE table_schema = current_schema() AND column_name IN ('id', 'int_id', 'small_id', 'big_id')",
            )
            found = {(c["table_name"], c["column_name"]): (c["data_type"], c["is_identity"]) for c in columns}
            for table in ("intkey", "smallkey", "bigkey"):
                assert found[table, "id"] == ("bigint", "YES")
            for column in ("int_id", "small_id", "big_id"):
                assert found["refersto", column] == ("bigint", "NO")
            caches = await rows(
                connection,
                "SELECT sequencename, cache_size FROM pg_sequences WHERE schemaname = current_schema() "
                "AND sequencename IN ('bigkey_id_seq', 'intkey_id_seq')",
            )
            assert {c["sequencename"]: c["cache_size"] for c in caches} == {"bigkey_id_seq": 1, "intkey_id_seq": 65536}
            big = await relations.BigKey.create()
            small = await relations.SmallKey.create()
            whole = await relations.IntKey.create()
            refers = await relations.RefersTo.create(int=whole, small=small, big=big)
            await refers.many.add(whole)
            assert await refers.many.all().count() == 1

    run(work())


def test_indexes_are_built_when_generate_schemas_returns_unless_told_not_to_wait(
    dsql_cluster: Any, connected: Any
) -> None:
    async def work() -> None:
        from dsql_orm import LocalCluster

        slow = LocalCluster(schema_conflicts=False, job_delay=0.5)
        try:
            for wait in (True, False):
                async with connected(
                    models, tables=False, **at(slow), schema=None, wait_for_indexes=wait
                ) as connection:
                    from tortoise import Tortoise

                    await Tortoise.generate_schemas()
                    (found,) = await rows(
                        connection, "SELECT count(*) FROM sys.jobs WHERE status IN ('submitted', 'processing')"
                    )
                    assert (found["count"] == 0) is wait
                    for statement in ("DROP TABLE pet_pet", "DROP TABLE pet", "DROP TABLE owner"):
                        await connection.execute_script(statement)
        finally:
            slow.stop()

    run(work())


def test_indexes_come_after_all_tables(connected: Any, caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        with caplog.at_level("DEBUG", logger="tortoise.db_client"):
            async with connected(models, relations):
                pass

    run(work())
    made = [re.match(r"CREATE (TABLE|INDEX)", message) for message in caplog.messages]
    kinds = [found.group(1) for found in made if found]
    assert set(kinds) == {"TABLE", "INDEX"}
    assert kinds == sorted(kinds, reverse=True)


def test_conflicts_of_rows_and_of_the_schema_have_one_class(dsql_url: str, connected: Any) -> None:
    async def work() -> None:
        async with connected(models):
            await Owner.create(name="Ada")
            seen: list[int] = []

            async def meet(connection: Any) -> str:
                seen.append(1)
                ada = await Owner.get(name="Ada").using_db(connection)
                if len(seen) == 1:
                    await asyncio.create_task(change())
                ada.likes += 1
                await ada.save(using_db=connection)
                return "done"

            async def change() -> None:
                async with aurora_dsql_tortoise_pool()._in_transaction() as other:
                    await Owner.filter(name="Ada").using_db(other).update(likes=5)

            assert await run_in_transaction(meet) == "done"
            assert len(seen) == 2
            assert (await Owner.get(name="Ada")).likes == 6

    run(work())
    assert issubclass(DsqlConflictError, TransactionManagementError)


def test_a_transaction_of_one_statement_is_repeated_only_where_the_answer_is_the_same(connected: Any) -> None:
    async def work() -> None:
        async with connected(models):
            await Owner.create(name="Ada", likes=1)
            async with in_transaction() as mine:
                await Owner.filter(name="Ada").using_db(mine).update(likes=2)
                await asyncio.create_task(elsewhere(likes=5))
            assert (await Owner.get(name="Ada")).likes == 2
            with pytest.raises(DsqlConflictError):
                async with in_transaction() as mine:
                    await Owner.filter(name="Ada").using_db(mine).update(likes=3)
                    await asyncio.create_task(elsewhere(likes=6, name="Eve"))
            with pytest.raises(DsqlConflictError):
                async with in_transaction() as mine:
                    eve = await Owner.select_for_update().using_db(mine).get(name="Eve")
                    await asyncio.create_task(elsewhere("Eve", likes=eve.likes + 1))
            assert (await Owner.get(name="Eve")).likes == 7

    async def elsewhere(which: str = "Ada", **values: Any) -> None:
        async with aurora_dsql_tortoise_pool()._in_transaction() as other:
            await Owner.filter(name=which).using_db(other).update(**values)

    run(work())
