"""Error classes, retries, plans, the local cluster."""

from __future__ import annotations

import ssl
from contextlib import nullcontext
from typing import Any

import pytest
from dsql_orm import (
    Attempts,
    FailedAttempt,
    JobFailedError,
    LocalCluster,
    PlanRefusedError,
    RetryPolicy,
    Settings,
    _driver,
    check,
    class_of,
    kind,
    split,
    sqlstate_of,
    translate,
)
from dsql_orm._run import Task, steps

psycopg = pytest.importorskip("psycopg")


class WrappedError(Exception):
    def __init__(self, orig: BaseException) -> None:
        super().__init__("(driver) the statement was [SQL: SELECT 'OC001']")
        self.orig = orig


class DriverError(Exception):
    def __init__(self, message: str, sqlstate: str | None) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


CONFLICT = DriverError("change conflicts with another transaction, please retry: (OC000)", "40001")


def test_an_orms_exception_is_looked_through() -> None:
    assert class_of(WrappedError(CONFLICT)) == "conflict"
    assert sqlstate_of(WrappedError(CONFLICT)) == "40001"


def test_what_a_user_typed_is_no_conflict() -> None:
    assert class_of(WrappedError(DriverError("syntax error", "42601"))) == "other"


def test_a_connection_lost_at_commit_is_ambiguous() -> None:
    assert class_of(ConnectionResetError()) == "unavailable"
    assert class_of(ConnectionResetError(), committing=True) == "ambiguous"


def test_a_server_that_is_not_who_it_says_is_not_asked_again() -> None:
    error = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed")
    assert class_of(WrappedError(error)) == "other"


def test_a_plan_from_before_a_change_of_the_table_is_out_of_date() -> None:
    error = DriverError("cached statement plan is invalid due to a database schema or configuration change", "0A000")
    assert class_of(error) == "schema_changed"


def test_attempts_are_counted_and_told_of() -> None:
    told: list[FailedAttempt] = []
    attempts = Attempts(RetryPolicy(max_attempts=3), told.append)
    pauses = [attempts.pause(CONFLICT) for _ in range(3)]
    assert pauses[2] is None
    assert all(pause is not None and 0 <= pause <= 0.1 for pause in pauses[:2])
    assert [(each.number, each.error_class) for each in told] == [(1, "conflict"), (2, "conflict"), (3, "conflict")]


def test_a_policy_says_what_it_is() -> None:
    assert repr(RetryPolicy()) == "RetryPolicy(max_attempts=8, base=0.05, cap=5, max_total=30, idempotent=False)"
    assert RetryPolicy(base=0.1) == RetryPolicy(base=0.1)
    with pytest.raises(ValueError, match="base is -1"):
        RetryPolicy(base=-1)


def test_statements_are_told_apart() -> None:
    assert [kind(sql) for sql in ("SELECT 1", "insert into t values (1)", "CREATE TABLE t ()", "SAVEPOINT a")] == [
        "read",
        "write",
        "ddl",
        "savepoint",
    ]
    assert split("SELECT ';'; SELECT 2") == ["SELECT ';'", "SELECT 2"]
    refusal = check("TRUNCATE t")
    assert refusal is not None
    assert refusal.sqlstate == "0A000"


def test_a_plan_is_printed_as_a_script() -> None:
    plan = translate("CREATE TABLE pet (id serial PRIMARY KEY); CREATE INDEX pet_id ON pet (id)")
    assert [step.kind for step in plan.steps] == ["ddl", "async_ddl"]
    assert "CREATE INDEX ASYNC pet_id ON pet (id);" in str(plan)
    with pytest.raises(ValueError, match="omit"):
        translate("SELECT 1", foreign_keys="drop")  # pyright: ignore[reportArgumentType]


def run(connection: Any, sql: str, **options: Any) -> None:
    tasks = steps(sql, translate(sql), **options)
    answer: Any = None
    while True:
        try:
            task: Task = tasks.send(answer)
        except StopIteration:
            return
        with nullcontext() if task.alone else connection.transaction():
            for statement in task.statements:
                cursor = connection.execute(statement)
        answer = cursor.fetchall() if task.rows else cursor.rowcount


@pytest.fixture
def connection(dsql_url: str) -> Any:
    settings = Settings(dsql_url)
    arguments = _driver.libpq(settings, orm="test", driver="psycopg", libpq_version=psycopg.pq.version())
    with psycopg.connect(**arguments, password=settings.token(), autocommit=True) as connection:
        yield connection
        for table in ("core_pet", "core_new"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")


def test_a_plan_runs_step_by_step(connection: Any) -> None:
    run(connection, "CREATE TABLE core_pet (id bigint PRIMARY KEY, name text)")
    run(connection, "CREATE UNIQUE INDEX core_pet_name ON core_pet (name)")
    with connection.transaction():
        connection.execute("INSERT INTO core_pet SELECT n, n::text FROM generate_series(1, 2500) n")
    run(connection, "ALTER TABLE core_pet ADD COLUMN age integer DEFAULT 3 NOT NULL")
    assert connection.execute("SELECT count(*) FROM core_pet WHERE age = 3").fetchone() == (2500,)
    run(connection, "TRUNCATE core_pet")
    assert connection.execute("SELECT count(*) FROM core_pet").fetchone() == (0,)


def test_what_hangs_on_the_catalog_is_looked_up(connection: Any) -> None:
    run(connection, "CREATE TABLE core_pet (id bigint PRIMARY KEY, age integer)")
    connection.execute("INSERT INTO core_pet VALUES (1, 2)")
    run(connection, "ALTER TABLE core_pet ALTER COLUMN age TYPE text USING age::text")
    assert connection.execute("SELECT age FROM core_pet").fetchone() == ("2",)


def test_a_job_that_fails_says_why(connection: Any) -> None:
    run(connection, "CREATE TABLE core_pet (id bigint PRIMARY KEY, name text)")
    connection.execute("INSERT INTO core_pet VALUES (1, 'a'), (2, 'a')")
    with pytest.raises(JobFailedError, match="ended as failed"):
        run(connection, "CREATE UNIQUE INDEX core_pet_name ON core_pet (name)")


def test_a_job_need_not_be_waited_for(connection: Any) -> None:
    run(connection, "CREATE TABLE core_pet (id bigint PRIMARY KEY, name text)")
    jobs: list[str] = []
    run(connection, "CREATE INDEX core_pet_name ON core_pet (name)", wait=False, jobs=jobs)
    assert len(jobs) == 1


def test_what_cannot_be_had_is_refused_before_anything_runs(connection: Any) -> None:
    with pytest.raises(PlanRefusedError) as raised:
        run(connection, "CREATE TABLE core_new (a int); CREATE MATERIALIZED VIEW v AS SELECT 1")
    assert raised.value.sqlstate == "0A000"
    assert connection.execute("SELECT to_regclass('core_new')").fetchone() == (None,)


def test_a_cluster_makes_faults_when_told_to(connection: Any, dsql_cluster: LocalCluster) -> None:
    dsql_cluster.inject("unavailable", containing="SELECT 'fault'")
    with pytest.raises(psycopg.Error, match="server unavailable") as raised:
        connection.execute("SELECT 'fault'")
    assert class_of(raised.value) == "unavailable"
    with pytest.raises(ValueError, match="no fault"):
        dsql_cluster.inject("earthquake")  # pyright: ignore[reportArgumentType]


def test_a_cluster_that_was_stopped_says_so() -> None:
    cluster = LocalCluster()
    cluster.stop()
    cluster.stop()
    with pytest.raises(RuntimeError, match="stopped"):
        _ = cluster.url
