"""psycopg 3, with connections that block."""

import threading
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Json, Jsonb

from conftest import CONFLICT, retried
from values import COLUMNS, DOCUMENT, definition


@pytest.fixture
def conn():
    with psycopg.connect("", autocommit=True) as conn:
        yield conn


def visits(conn: psycopg.Connection, name: str) -> None:
    conn.execute(
        f"CREATE TABLE {name} (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), n int, note text)"
    )


def test_it_connects_with_verify_full_and_a_token(conn):
    assert conn.info.get_parameters()["sslmode"] == "verify-full"
    assert conn.pgconn.ssl_in_use
    assert conn.info.server_version == 160015
    assert conn.execute("SHOW server_version").fetchone() == ("16.15",)
    with pytest.raises(psycopg.OperationalError, match="access denied"):
        psycopg.connect("", password="no token")


@pytest.mark.parametrize("binary", [False, True])
def test_every_usual_type_goes_in_and_out(conn, name, binary):
    conn.execute(definition(name))
    values = [uuid4(), *(value for _, value in COLUMNS.values())]
    mark = "%b" if binary else "%t"
    marks = ", ".join([mark] * (len(values) + 2))
    conn.execute(
        f"INSERT INTO {name} VALUES ({marks})", [*values, Json(DOCUMENT), Jsonb(DOCUMENT)]
    )
    row = conn.execute(f"SELECT * FROM {name}", binary=binary).fetchone()
    assert list(row) == [*values, DOCUMENT, DOCUMENT]


def test_prepared_statements_are_reused_and_evicted(conn, name):
    visits(conn, name)
    conn.prepared_max = 2
    for n in range(12):
        conn.execute(f"INSERT INTO {name} (n) VALUES (%s)", [n], prepare=True)
        conn.execute(f"SELECT {n % 3} FROM {name} WHERE n = %s", [n], prepare=True)
    assert conn.execute(f"SELECT count(*), sum(n) FROM {name}").fetchone() == (12, 66)


def test_many_rows_by_executemany_and_copy(conn, name):
    visits(conn, name)
    with conn.cursor() as cur:
        cur.executemany(f"INSERT INTO {name} (n) VALUES (%s)", [[n] for n in range(500)])
        assert cur.rowcount == 500
        for format in ["", " (FORMAT binary)"]:
            with cur.copy(f"COPY {name} (id, n, note) FROM STDIN{format}") as copy:
                copy.set_types(["uuid", "int4", "text"])
                for n in range(100):
                    copy.write_row([uuid4(), n, "tab\there"])
        with cur.copy(f"COPY {name} TO STDOUT") as copy:
            assert sum(1 for _ in copy.rows()) == 700
        with pytest.raises(psycopg.errors.ProgramLimitExceeded, match="row limit exceeded"):
            cur.executemany(f"INSERT INTO {name} (n) VALUES (%s)", [[n] for n in range(3001)])
    assert conn.execute(f"SELECT count(*) FROM {name}").fetchone() == (700,)


def test_a_pipeline_after_a_job_was_waited_for_gets_its_own_answers(conn, name):
    visits(conn, name)
    (job,) = conn.execute(f"CREATE INDEX ASYNC ON {name} (n)").fetchone()
    assert conn.execute(f"CALL sys.wait_for_job('{job}')").fetchone() == (True,)
    conn.autocommit = False
    conn.cursor().executemany(f"INSERT INTO {name} (n) VALUES (%s)", [[1], [2]])
    conn.commit()
    assert conn.execute(f"SELECT count(*) FROM {name}").fetchone() == (2,)


def test_a_conflict_at_commit_is_retried(conn, name):
    visits(conn, name)
    conn.execute(f"INSERT INTO {name} (n) VALUES (0)")

    def attempt() -> None:
        with psycopg.connect("") as loser:
            loser.execute(f"UPDATE {name} SET n = n + 1")
            if not rivals:
                rivals.append(conn.execute(f"UPDATE {name} SET n = n + 10"))

    rivals: list[object] = []
    _, tries = retried(attempt, lambda error: CONFLICT in str(error))
    assert tries == 2
    assert conn.execute(f"SELECT n FROM {name}").fetchone() == (11,)
    with psycopg.connect("") as loser:
        loser.execute(f"UPDATE {name} SET n = 0")
        conn.execute(f"UPDATE {name} SET n = 1")
        with pytest.raises(psycopg.errors.SerializationFailure):
            loser.commit()


def test_an_error_aborts_a_transaction_until_rollback(conn):
    conn.autocommit = False
    with pytest.raises(psycopg.errors.DivisionByZero):
        conn.execute("SELECT 1 / 0")
    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        conn.execute("SELECT 1")
    conn.rollback()
    assert conn.execute("SELECT 1").fetchone() == (1,)


def test_a_long_query_is_cancelled(conn):
    timer = threading.Timer(0.2, conn.cancel_safe)
    timer.start()
    with pytest.raises(psycopg.errors.QueryCanceled):
        conn.execute("SELECT pg_sleep(60)")
    timer.join()
    assert conn.execute("SELECT 1").fetchone() == (1,)


def test_notices_come_through(conn, name):
    notices: list[str | None] = []
    conn.add_notice_handler(lambda notice: notices.append(notice.message_primary))
    conn.execute(f"DROP TABLE IF EXISTS {name}")
    assert notices == [f'table "{name}" does not exist, skipping']


def test_what_the_service_refuses_is_refused_in_its_words(conn, name):
    visits(conn, name)
    with pytest.raises(psycopg.errors.FeatureNotSupported) as refused:
        conn.execute(f"TRUNCATE {name}")
    assert refused.value.sqlstate == "0A000"
    assert refused.value.diag.message_primary == "unsupported statement: Truncate"
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="SAVEPOINT"):
        with conn.transaction(), conn.transaction():
            pass


def test_rows_are_streamed_where_a_cursor_is_refused(conn):
    with conn.cursor() as cur:
        rows = cur.stream("SELECT generate_series(1, 5000)", size=100)
        assert sum(row[0] for row in rows) == 12502500
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="DeclareCursor"):
        with conn.transaction(), conn.cursor("on_the_server") as cur:
            cur.execute("SELECT 1")


def test_a_pipeline_of_a_hundred_with_an_error_in_the_middle(conn, name):
    visits(conn, name)
    cursors = []
    with pytest.raises(psycopg.errors.DivisionByZero):
        with conn.pipeline():
            for n in range(100):
                sql = "SELECT 1 / %s" if n == 50 else f"INSERT INTO {name} (n) VALUES (%s) RETURNING n"
                cursors.append(conn.execute(sql, [0 if n == 50 else n]))
    # What is sent before a Sync is one transaction, unless BEGIN says otherwise.
    assert conn.execute(f"SELECT count(*) FROM {name}").fetchone() == (0,)
    with conn.pipeline() as pipeline:
        cursors = [conn.execute(f"INSERT INTO {name} (n) VALUES (%s) RETURNING n", [n]) for n in range(100)]
        pipeline.sync()
        assert [cursor.fetchone() for cursor in cursors] == [(n,) for n in range(100)]
        with pytest.raises(psycopg.errors.FeatureNotSupported):
            conn.execute(f"TRUNCATE {name}")
            pipeline.sync()
        assert conn.execute(f"SELECT count(*) FROM {name}").fetchone() == (100,)


def test_it_connects_anew(conn):
    process = conn.info.backend_pid
    conn.close()
    with psycopg.connect("") as anew:
        assert anew.info.backend_pid != process
        assert anew.execute("SELECT current_user").fetchone() == ("admin",)
