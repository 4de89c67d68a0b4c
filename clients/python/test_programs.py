"""psql, pgbench and pg_dump: the programs that come with PostgreSQL."""

import os
import re
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest


def run(*command: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a program, with what it says in English and in a terminal of no size."""
    env = {**os.environ, "LC_ALL": "C.UTF-8", "PSQLRC": "/dev/null", **environment}
    return subprocess.run(
        command, input=stdin, capture_output=True, text=True, env=env, timeout=60, check=False
    )


def psql(*arguments: str, stdin: str = "") -> str:
    """What psql prints; it must not fail."""
    done = run("psql", "-v", "ON_ERROR_STOP=1", *arguments, stdin=stdin)
    assert done.returncode == 0, done.stderr
    return done.stdout


def visits(name: str) -> None:
    psql("-c", f"CREATE TABLE {name} (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), n int, note text)")


def test_psql_says_whom_it_is_connected_to():
    assert "PostgreSQL 16" in psql("-Atc", "SELECT version()")
    told = psql("-c", r"\conninfo")
    assert 'user "admin"' in told and "SSL connection" in told
    assert psql("-Atc", "SELECT current_user, current_database()") == "admin|postgres\n"


def test_psql_describes(name):
    visits(name)
    psql("-c", f"CREATE INDEX ASYNC {name}_n ON {name} (n)")
    assert name in psql("-c", r"\dt")
    described = psql("-c", rf"\d {name}")
    assert "id     | uuid" in described and "gen_random_uuid()" in described
    assert f'"{name}_pkey" PRIMARY KEY' in described and f'"{name}_n"' in described
    for command in [r"\d", r"\d+ " + name, r"\dn", r"\du", r"\di", r"\dv", r"\ds", r"\df", r"\dT", r"\dp", r"\encoding", r"\timing"]:
        psql("-c", command)
    assert [line.split("|")[0] for line in psql("-Atc", r"\l").splitlines() if "|" in line][0] == "postgres"


def test_psql_copies(name, tmp_path: Path):
    visits(name)
    file = tmp_path / "visits.csv"
    file.write_text("".join(f'{uuid4()},{n},"a, b"\n' for n in range(1000)))
    assert psql("-c", rf"\copy {name} FROM '{file}' (FORMAT csv)") == "COPY 1000\n"
    out = tmp_path / "out.bin"
    psql("-c", rf"\copy (SELECT n FROM {name}) TO '{out}' (FORMAT binary)")
    assert out.read_bytes().startswith(b"PGCOPY\n")
    assert psql("-Atc", f"SELECT count(*), sum(n) FROM {name}") == "1000|499500\n"


def test_psql_runs_several_statements(name, tmp_path: Path):
    visits(name)
    several = f"INSERT INTO {name} (n) VALUES (1); INSERT INTO {name} (n) VALUES (2) RETURNING n"
    assert psql("-Atc", several) == "INSERT 0 1\n2\nINSERT 0 1\n"
    undone = run("psql", "-Atc", f"INSERT INTO {name} (n) VALUES (3); SELECT 1 / 0")
    assert undone.returncode == 1 and "division by zero" in undone.stderr
    script = tmp_path / "script.sql"
    script.write_text(
        f"BEGIN;\nINSERT INTO {name} (n) VALUES (4);\nROLLBACK;\n"
        f"\\set n 5\nINSERT INTO {name} (n) VALUES (:n);\n"
        f"SELECT n FROM {name} ORDER BY n \\gset last_\n\\echo :last_n\n".replace(
            "ORDER BY n ", "ORDER BY n DESC LIMIT 1 "
        )
    )
    assert psql("-Atqf", str(script)) == "5\n"
    assert psql("-Atc", f"SELECT count(*) FROM {name}") == "3\n"


def test_psql_shows_where_a_mistake_stands():
    for sql in ["SELECT 1 AS one, missing FROM pg_class", "SELECT 1; SELECT missing"]:
        failed = run("psql", "-c", sql)
        assert failed.returncode == 1
        line, caret = failed.stderr.splitlines()[1:3]
        assert line[caret.index("^") :].startswith("missing"), failed.stderr


def test_psql_goes_on_after_a_refusal_and_an_aborted_transaction(name):
    visits(name)
    done = run(
        "psql",
        "-At",
        "-v",
        "VERBOSITY=verbose",
        stdin=f"TRUNCATE {name};\nBEGIN;\nSAVEPOINT s;\nSELECT 1;\nCOMMIT;\nSELECT 'still here';\n",
    )
    assert "0A000: unsupported statement: Truncate" in done.stderr
    assert "0A000: unsupported transaction statement: SAVEPOINT" in done.stderr
    assert "25P02: current transaction is aborted" in done.stderr
    assert done.stdout == "BEGIN\nROLLBACK\nstill here\n"


SCRIPT = r"""
\set hot random(1, 10)
\set cold random(1, 1000)
BEGIN;
UPDATE {name} SET v = v + 1 WHERE id = :hot;
SELECT v FROM {name} WHERE id = :cold;
COMMIT;
"""


@pytest.mark.parametrize("mode", ["simple", "extended", "prepared"])
def test_pgbench_retries_conflicts_in_each_of_its_modes(name, mode, tmp_path: Path):
    psql("-c", f"CREATE TABLE {name} (id int PRIMARY KEY, v int NOT NULL)")
    psql("-c", f"INSERT INTO {name} SELECT g, 0 FROM generate_series(1, 1000) g")
    script = tmp_path / "script.sql"
    script.write_text(SCRIPT.format(name=name))
    bench = run(
        *("pgbench", "--no-vacuum", "--file", str(script), "--protocol", mode),
        *("--client", "8", "--jobs", "2", "--transactions", "50"),
        *("--max-tries", "100", "--failures-detailed"),
    )
    assert bench.returncode == 0, bench.stderr
    assert "number of transactions actually processed: 400/400" in bench.stdout
    assert "number of failed transactions: 0 " in bench.stdout
    # None was lost, none was counted twice.
    assert psql("-Atc", f"SELECT sum(v) FROM {name}") == "400\n"


def test_pg_dump_ends_where_it_sets_what_cannot_be_set():
    version = re.search(r"\d+", run("pg_dump", "--version").stdout)
    dump = run("pg_dump")
    assert dump.returncode == 1
    if version and int(version[0]) < 16:
        assert "aborting because of server version mismatch" in dump.stderr
    else:
        assert 'setting configuration parameter "synchronize_seqscans" not supported' in dump.stderr


def test_what_pg_dump_asks_is_answered_but_for_what_it_sets_and_locks(name):
    """Recorded of the PostgreSQL behind the cluster, whose socket and log lie beside the certificate."""
    psql("-c", f"CREATE TABLE {name} (id uuid PRIMARY KEY, n int CHECK (n > 0), note text UNIQUE)")
    home = Path(os.environ["PGSSLROOTCERT"]).parent
    log = home / "postgres.log"
    before = log.stat().st_size
    dump = run(
        *("pg_dump", "--host", str(home / "socket"), "--port", "5432", "--username", "dsql_local"),
        *("--table", name),
        PGSSLMODE="disable",
        PGOPTIONS="-c log_statement=all",
    )
    assert dump.returncode == 0 and f"CREATE TABLE public.{name}" in dump.stdout, dump.stderr
    entries = re.split(r"(?m)^(?=\d{4}-\d\d-\d\d )", log.read_text()[before:])
    asked = [entry.split("statement: ", 1)[1] for entry in entries if "LOG:  statement: " in entry]
    # Only superusers are asked for subscriptions, which pg_dump was here.
    asked = [sql for sql in asked if "pg_subscription" not in sql]
    assert len(asked) > 50
    refused: dict[str, str] = {}
    for sql in asked:
        if not sql.startswith(("BEGIN", "COPY")):
            done = run("psql", "-qAt", "-v", "ON_ERROR_STOP=1", stdin=f"{sql.rstrip()};")
            if done.returncode != 0:
                refused[" ".join(sql.split()[:2])] = done.stderr.splitlines()[0].split("ERROR:  ")[1]
    cannot_be_set = {
        f"SET {setting}": f'setting configuration parameter "{setting}" not supported'
        for setting in [
            *("synchronize_seqscans", "statement_timeout", "lock_timeout", "row_security"),
            *("idle_in_transaction_session_timeout", "TRANSACTION"),
        ]
    }
    assert refused == cannot_be_set | {"LOCK TABLE": "unsupported statement: Lock"}
