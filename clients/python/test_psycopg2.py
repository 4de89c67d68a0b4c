"""psycopg2."""

import io
import threading
from uuid import UUID, uuid4

import psycopg2
import psycopg2.errors
import psycopg2.extras
import pytest

from conftest import CONFLICT, retried
from values import COLUMNS, DOCUMENT, definition


@pytest.fixture
def conn():
    psycopg2.extras.register_uuid()
    conn = psycopg2.connect("")
    conn.autocommit = True
    yield conn
    conn.close()


def one(conn, sql: str, values=None):
    with conn.cursor() as cur:
        cur.execute(sql, values)
        return cur.fetchone()


def visits(conn, name: str) -> None:
    with conn.cursor() as cur:
        cur.execute(f"CREATE TABLE {name} (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), n int)")


def test_it_connects_with_verify_full_and_a_token(conn):
    assert conn.info.dsn_parameters["sslmode"] == "verify-full"
    assert conn.info.ssl_in_use
    assert conn.server_version == 160015
    with pytest.raises(psycopg2.OperationalError, match="access denied"):
        psycopg2.connect("", password="no token")


def test_every_usual_type_goes_in_and_out(conn, name):
    with conn.cursor() as cur:
        cur.execute(definition(name))
        values = [uuid4(), *(value for _, value in COLUMNS.values())]
        marks = ", ".join(["%s"] * (len(values) + 2))
        document = psycopg2.extras.Json(DOCUMENT)
        cur.execute(f"INSERT INTO {name} VALUES ({marks})", [*values, document, document])
        cur.execute(f"SELECT * FROM {name}")
        row = [bytes(v) if isinstance(v, memoryview) else v for v in cur.fetchone()]
    assert row == [*values, DOCUMENT, DOCUMENT]


def test_many_rows_by_executemany_batches_and_copy(conn, name):
    visits(conn, name)
    rows = [(n,) for n in range(300)]
    with conn.cursor() as cur:
        cur.executemany(f"INSERT INTO {name} (n) VALUES (%s)", rows)
        psycopg2.extras.execute_batch(cur, f"INSERT INTO {name} (n) VALUES (%s)", rows)
        keys = psycopg2.extras.execute_values(
            cur, f"INSERT INTO {name} (n) VALUES %s RETURNING id", rows, fetch=True
        )
        assert all(isinstance(key[0], UUID) for key in keys)
        lines = io.StringIO("".join(f"{uuid4()}\t{n}\n" for n in range(100)))
        cur.copy_expert(f"COPY {name} FROM STDIN", lines)
        out = io.StringIO()
        cur.copy_expert(f"COPY {name} TO STDOUT (FORMAT csv)", out)
    assert len(out.getvalue().splitlines()) == 1000


def test_a_conflict_at_commit_is_retried(conn, name):
    visits(conn, name)
    one(conn, f"INSERT INTO {name} (n) VALUES (0) RETURNING n")
    rivals = []

    def attempt() -> None:
        loser = psycopg2.connect("")
        with loser, loser.cursor() as cur:
            cur.execute(f"UPDATE {name} SET n = n + 1")
            if not rivals:
                rivals.append(one(conn, f"UPDATE {name} SET n = n + 10 RETURNING n"))

    def is_conflict(error: Exception) -> bool:
        return isinstance(error, psycopg2.errors.SerializationFailure) and CONFLICT in str(error)

    _, tries = retried(attempt, is_conflict)
    assert tries == 2
    assert one(conn, f"SELECT n FROM {name}") == (11,)


def test_an_error_aborts_a_transaction_until_rollback(conn):
    conn.autocommit = False
    with pytest.raises(psycopg2.errors.DivisionByZero):
        one(conn, "SELECT 1 / 0")
    with pytest.raises(psycopg2.errors.InFailedSqlTransaction):
        one(conn, "SELECT 1")
    conn.rollback()
    assert one(conn, "SELECT 1") == (1,)


def test_a_long_query_is_cancelled(conn):
    timer = threading.Timer(0.2, conn.cancel)
    timer.start()
    with pytest.raises(psycopg2.errors.QueryCanceled):
        one(conn, "SELECT pg_sleep(60)")
    timer.join()


def test_notices_come_through(conn, name):
    with conn.cursor() as cur:
        cur.execute(f"DROP TABLE IF EXISTS {name}")
    assert conn.notices == [f'NOTICE:  table "{name}" does not exist, skipping\n']


def test_what_the_service_refuses_is_refused_in_its_words(conn, name):
    visits(conn, name)
    with pytest.raises(psycopg2.errors.FeatureNotSupported) as refused:
        one(conn, f"TRUNCATE {name}")
    assert refused.value.diag.message_primary == "unsupported statement: Truncate"


def test_several_statements_in_one_string_are_one_transaction(conn, name):
    visits(conn, name)
    with pytest.raises(psycopg2.errors.DivisionByZero):
        one(conn, f"INSERT INTO {name} (n) VALUES (1); SELECT 1 / 0")
    assert one(conn, f"SELECT 1; SELECT count(*) FROM {name}") == (0,)
