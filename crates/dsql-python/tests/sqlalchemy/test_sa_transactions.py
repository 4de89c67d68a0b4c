"""Transactions, inner ones, and those that are run again."""

from __future__ import annotations

import inspect
import threading
from typing import Any

import pytest
import sqlalchemy as sa
from aurora_dsql_sqlalchemy import (
    RetryPolicy,
    TransactionDoomedError,
    UncommittedWritesError,
    retry_on_conflict,
    run_in_transaction,
    run_in_transaction_async,
)
from dsql_orm import FailedAttempt, LocalCluster, class_of
from sqlalchemy import Column, Engine, Integer, MetaData, Table, exc, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session, sessionmaker

metadata = MetaData()
account = Table("account", metadata, Column("id", sa.BigInteger, primary_key=True), Column("balance", Integer))


@pytest.fixture
def accounts(engine: Engine, engines: Any) -> Engine:
    def fill() -> None:
        metadata.create_all(engine)
        with engine.begin() as connection:
            connection.execute(account.insert(), [{"id": number, "balance": 100} for number in (1, 2)])

    engines.run(fill)
    return engine


def balances(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return list(connection.scalars(select(account.c.balance).order_by(account.c.id)))


def change(by: int, number: int = 1) -> sa.Update:
    return account.update().where(account.c.id == number).values(balance=account.c.balance + by)


def test_a_transaction_is_whole_or_not_at_all(engine: Engine, accounts: Engine) -> None:
    def fail() -> None:
        with engine.begin() as connection:
            connection.execute(change(-10))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert balances(engine) == [100, 100]


def test_an_inner_transaction_is_committed_with_the_outer_one(engine: Engine, accounts: Engine) -> None:
    with Session(engine) as session, session.begin():
        session.execute(change(-10))
        with session.begin_nested():
            session.execute(change(10, 2))
    assert balances(engine) == [90, 110]


def test_an_inner_rollback_does_not_let_the_outer_one_commit(engine: Engine, accounts: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(change(-10))
        inner = connection.begin_nested()
        connection.execute(change(10, 2))
        inner.rollback()
        with pytest.raises(TransactionDoomedError, match="begin_nested"):
            connection.commit()
    assert balances(engine) == [100, 100]
    with engine.begin() as connection:
        connection.execute(change(5))
    assert balances(engine) == [105, 100]


def test_an_inner_rollback_of_nothing_takes_nothing_back(engine: Engine, accounts: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(change(-10))
        connection.begin_nested().rollback()
    assert balances(engine) == [90, 100]


def test_an_error_that_is_caught_in_an_inner_transaction_is_told_at_the_next_statement(
    engine: Engine, accounts: Engine
) -> None:
    with engine.connect() as connection:
        connection.execute(change(-10))
        with pytest.raises(exc.IntegrityError), connection.begin_nested():
            connection.execute(account.insert().values(id=1))
        with pytest.raises(TransactionDoomedError, match="duplicate key") as doomed:
            connection.execute(change(10, 2))
        assert isinstance(doomed.value.__cause__, Exception)
        with pytest.raises(TransactionDoomedError):
            connection.commit()
    assert balances(engine) == [100, 100]


def test_an_error_that_is_caught_is_not_lost_at_commit(engine: Engine, accounts: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(change(-10))
        with pytest.raises(exc.DBAPIError):
            connection.execute(text("SELECT 1 / 0"))
        with pytest.raises(TransactionDoomedError, match="division by zero"):
            connection.commit()
        connection.rollback()
        connection.execute(change(5))
        connection.commit()
    assert balances(engine) == [105, 100]


def test_an_error_of_the_client_dooms_nothing(engine: Engine, accounts: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(change(-10))
        with pytest.raises((exc.DBAPIError, exc.StatementError)):
            connection.execute(account.insert().values(id=object()))
        connection.commit()
    assert balances(engine) == [90, 100]


def test_autocommit_commits_each_statement_and_survives_errors(engine: Engine, accounts: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(change(-10))
        with pytest.raises(exc.DBAPIError):
            connection.execute(text("SELECT 1 / 0"))
        connection.execute(change(-10))
    assert balances(engine) == [80, 100]


@pytest.mark.parametrize("level", ["SERIALIZABLE", "READ COMMITTED", "READ UNCOMMITTED"])
def test_an_isolation_level_that_there_is_not_is_refused(engine: Engine, accounts: Engine, level: str) -> None:
    with engine.connect() as connection, pytest.raises(exc.ArgumentError, match="REPEATABLE READ"):
        connection.execution_options(isolation_level=level)


def test_the_isolation_level_is_repeatable_read(engine: Engine, accounts: Engine) -> None:
    with engine.connect() as connection:
        assert connection.get_isolation_level() == "REPEATABLE READ"
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.execute(change(-10))
        connection.commit()
    assert balances(engine) == [90, 100]


def test_a_transaction_can_be_read_only(engine: Engine, accounts: Engine) -> None:
    with engine.connect().execution_options(postgresql_readonly=True) as connection:
        assert connection.scalar(select(func.count()).select_from(account)) == 2
        with pytest.raises(exc.DBAPIError, match="read-only"):
            connection.execute(change(-10))


def test_two_phase_commit_is_refused(engine: Engine, accounts: Engine) -> None:
    with engine.connect() as connection, pytest.raises(exc.InvalidRequestError, match="two-phase"):
        connection.begin_twophase()


def test_ddl_after_changes_that_are_not_committed_is_refused(engine: Engine, accounts: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(change(-10))
        with pytest.raises(UncommittedWritesError, match="commit or roll back first"):
            connection.execute(text("CREATE TABLE t (a int)"))
        with pytest.raises(UncommittedWritesError):
            Table("t", MetaData(), Column("a", Integer)).create(connection)
        connection.rollback()
        connection.execute(text("CREATE TABLE t (a int)"))
        connection.execute(change(-5))
        connection.commit()
        assert sa.inspect(connection).has_table("t")
    assert balances(engine) == [95, 100]


def test_ddl_that_fails_leaves_the_connection_usable(engine: Engine, accounts: Engine) -> None:
    with engine.connect() as connection:
        with pytest.raises(exc.ProgrammingError, match="already exists"):
            connection.execute(text("CREATE TABLE account (a int)"))
        connection.execute(change(-10))
        connection.commit()
    assert balances(engine) == [90, 100]


def transfer(session: Session) -> None:
    session.execute(change(-1))
    session.execute(change(1, 2))


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_of_transactions_at_the_same_time_none_is_lost(engines: Any, driver: str) -> None:
    engine = engines.make(driver)
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(account.insert(), [{"id": number, "balance": 100} for number in (1, 2)])
    failures: list[FailedAttempt] = []

    def work() -> None:
        for _ in range(10):
            run_in_transaction(engine, transfer, on_failure=failures.append)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert balances(engine) == [60, 140]
    assert {failure.error_class for failure in failures} <= {"conflict"}


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "asyncpg", "psycopg-async"])
@pytest.mark.parametrize("fault", ["conflict", "schema", "unavailable", "disconnect"])
def test_a_transaction_runs_again_after_each_fault(
    cluster: LocalCluster, engines: Any, driver: str, fault: Any
) -> None:
    engine = engines.make(driver, url=cluster.url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(account.insert(), [{"id": number, "balance": 100} for number in (1, 2)])
    cluster.inject(fault, containing="UPDATE account", times=2)
    failures: list[FailedAttempt] = []
    run = retried(engine)
    run(transfer, on_failure=failures.append)
    assert balances(engine) == [99, 101]
    expected = {"conflict": "conflict", "schema": "schema_changed"}.get(fault, "unavailable")
    assert {failure.error_class for failure in failures} <= {expected}


def retried(engine: Engine) -> Any:
    """run_in_transaction, of whichever kind."""
    if not engine.dialect.is_async:
        return lambda fn, **options: run_in_transaction(engine, fn, **options)

    def run(fn: Any, **options: Any) -> Any:
        async def inner(session: AsyncSession) -> Any:
            return await session.run_sync(fn)

        return sa.util.await_only(run_in_transaction_async(AsyncEngine(engine), inner, **options))

    return run


def test_a_commit_whose_outcome_is_not_known_is_tried_again_only_if_that_is_safe(
    cluster: LocalCluster, engines: Any
) -> None:
    engine = engines.make(url=cluster.url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(account.insert(), [{"id": number, "balance": 100} for number in (1, 2)])
    cluster.inject("disconnect", at="after_commit")
    with pytest.raises(exc.OperationalError) as error:
        run_in_transaction(engine, transfer)
    assert class_of(error.value, committing=True) == "ambiguous"
    assert balances(engine) == [99, 101]
    cluster.inject("disconnect", at="after_commit")
    run_in_transaction(
        engine, lambda s: s.execute(account.update().values(balance=7)), policy=RetryPolicy(idempotent=True)
    )
    assert balances(engine) == [7, 7]


def test_a_policy_ends_the_attempts(cluster: LocalCluster, engines: Any) -> None:
    engine = engines.make(url=cluster.url)
    metadata.create_all(engine)
    cluster.inject("conflict", at="before_commit", times=10)
    failures: list[FailedAttempt] = []
    policy = RetryPolicy(max_attempts=3, base=0.001)
    with pytest.raises(exc.OperationalError, match="OC000"):
        run_in_transaction(
            engine, lambda s: s.execute(account.insert().values(balance=1)), policy=policy, on_failure=failures.append
        )
    assert [failure.number for failure in failures] == [1, 2, 3]
    assert failures[-1].pause is None


def test_each_attempt_has_a_session_of_its_own_and_what_is_returned_can_be_read(
    cluster: LocalCluster, engines: Any
) -> None:
    engine = engines.make(url=cluster.url)
    metadata.create_all(engine)
    cluster.inject("conflict", at="before_commit", times=2)
    sessions: list[Session] = []

    def insert(session: Session) -> int:
        sessions.append(session)
        return session.scalar(account.insert().values(balance=1).returning(account.c.balance))

    assert run_in_transaction(sessionmaker(engine), insert) == 1
    assert len({id(session) for session in sessions}) == 3
    assert balances(engine) == [1]


def test_the_decorator_makes_a_function_one_transaction(engine: Engine, accounts: Engine) -> None:
    if engine.dialect.is_async:

        @retry_on_conflict(async_sessionmaker(AsyncEngine(engine)))
        async def pay(session: AsyncSession, by: int, *, number: int = 1) -> str:
            """Pays."""
            await session.execute(change(by, number))
            return "paid"

        result = sa.util.await_only(pay(-3, number=2))
    else:

        @retry_on_conflict(engine)
        def pay(session: Session, by: int, *, number: int = 1) -> str:
            """Pays."""
            session.execute(change(by, number))
            return "paid"

        result = pay(-3, number=2)
    assert result == "paid"
    assert pay.__doc__ == "Pays."
    assert list(inspect.signature(pay).parameters) == ["by", "number"]
    assert inspect.iscoroutinefunction(pay) is engine.dialect.is_async
    assert balances(engine) == [100, 97]


def test_an_error_of_the_application_is_not_retried(engine: Engine, accounts: Engine) -> None:
    attempts: list[int] = []

    def fail(session: Session) -> None:
        attempts.append(1)
        session.execute(change(-10))
        raise KeyError("not mine")

    with pytest.raises(KeyError):
        retried(engine)(fail)
    assert len(attempts) == 1
    assert balances(engine) == [100, 100]


def test_what_makes_no_sessions_is_told(engines: Any) -> None:
    engine, asynchronous = engines.make(), AsyncEngine(engines.make("asyncpg"))
    for wrong in (asynchronous, Session(engine), "postgres://"):
        with pytest.raises(exc.ArgumentError, match=type(wrong).__name__):
            run_in_transaction(wrong, transfer)
    with pytest.raises(exc.ArgumentError, match="Engine makes no sessions"):
        sa.util.await_only(run_in_transaction_async(engine, transfer))


def test_a_conflict_that_was_caught_in_an_inner_transaction_is_retried_as_a_whole(
    cluster: LocalCluster, engines: Any
) -> None:
    engine = engines.make(url=cluster.url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(account.insert(), [{"id": number, "balance": 100} for number in (1, 2)])
    cluster.inject("conflict", containing="UPDATE account")

    def pay(session: Session) -> None:
        session.execute(select(account)).all()
        try:
            with session.begin_nested():
                session.execute(change(-10))
        except exc.OperationalError:
            pass

    run_in_transaction(engine, pay)
    assert balances(engine) == [90, 100]


def test_the_first_statement_after_ddl_of_others_goes_through(cluster: LocalCluster, engines: Any) -> None:
    one, other = engines.make(url=cluster.url), engines.make("psycopg2", url=cluster.url)
    metadata.create_all(one)
    with one.connect() as connection:
        for number in range(3):
            with other.begin() as elsewhere:
                elsewhere.execute(text(f"CREATE TABLE t{number} (a int)"))
            assert connection.execute(select(account)).all() == []
            connection.commit()
            with other.begin() as elsewhere:
                elsewhere.execute(text(f"DROP TABLE t{number}"))
            connection.execute(account.insert().values(balance=number))
            connection.commit()
            connection.execute(account.delete())
            connection.commit()


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "asyncpg", "psycopg-async"])
def test_what_was_prepared_before_a_table_changed_is_prepared_anew(
    cluster: LocalCluster, engines: Any, driver: str
) -> None:
    engine, other = engines.make(driver, url=cluster.url), engines.make("psycopg2", url=cluster.url)
    metadata.create_all(engine)
    everything = text("SELECT * FROM account")
    with engine.connect() as connection:
        for _ in range(7):
            assert list(connection.execute(everything).keys()) == ["id", "balance"]
            connection.commit()
        with other.begin() as elsewhere:
            elsewhere.execute(text("ALTER TABLE account ADD COLUMN note text"))
        assert list(connection.execute(everything).keys()) == ["id", "balance", "note"]


def test_a_single_statement_that_commits_itself_is_run_again_and_several_are_not(
    cluster: LocalCluster, engines: Any
) -> None:
    engine = engines.make("psycopg2", url=cluster.url, isolation_level="AUTOCOMMIT")
    metadata.create_all(engine)
    with engine.connect() as connection:
        connection.execute(account.insert(), [{"id": number, "balance": 100} for number in (1, 2)])
        cluster.inject("conflict", containing="= 2")
        connection.execute(change(1, 2))
        assert balances(engine) == [100, 101]
        cluster.inject("conflict", containing="= 2")
        one = account.update().where(account.c.id == sa.bindparam("number")).values(balance=account.c.balance + 1)
        with pytest.raises(exc.OperationalError, match="OC000"):
            connection.execute(one, [{"number": 1}, {"number": 2}])
    assert balances(engine) == [101, 101]


def test_a_later_statement_is_not_repeated_behind_ones_back(cluster: LocalCluster, engines: Any) -> None:
    engine = engines.make(url=cluster.url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(account.insert().values(id=1, balance=0))
    with engine.connect() as connection:
        connection.execute(select(account)).all()
        cluster.inject("schema", containing="UPDATE account")
        with pytest.raises(exc.OperationalError, match="OC001"):
            connection.execute(change(1))


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_asyncio_with_its_own_words(engines: Any, dsql_url: str, driver: str) -> None:
    engine = AsyncEngine(engines.make("asyncpg" if driver == "asyncpg" else "psycopg-async"))

    async def main() -> int | None:
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)

        async def add(session: AsyncSession) -> None:
            session.add_all([])
            await session.execute(account.insert().values(balance=5))

        await run_in_transaction_async(engine, add)
        connection: AsyncConnection
        async with engine.connect() as connection:
            rows = await connection.stream(select(account.c.balance))
            return (await rows.first())[0]

    assert sa.util.await_only(main()) == 5
