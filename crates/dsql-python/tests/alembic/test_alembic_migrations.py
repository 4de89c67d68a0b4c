"""Migrations as they are written for PostgreSQL."""

from __future__ import annotations

import io
import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.util import CommandError
from alembic_project import Project
from aurora_dsql_sqlalchemy import create_dsql_engine
from dsql_orm import LocalCluster, _core
from sqlalchemy import exc

CREATE = """
op.create_table(
    "pet",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(50), nullable=False),
)
op.create_index("ix_pet_name", "pet", ["name"], unique=True)
op.bulk_insert(sa.table("pet", sa.column("name", sa.String)), [{"name": "Tom"}, {"name": "Jerry"}])
op.add_column("pet", sa.Column("age", sa.Integer, server_default="3", nullable=False))
op.execute("UPDATE pet SET age = 4 WHERE name = 'Jerry'")
op.create_check_constraint("old", "pet", "age < 100")
"""
DROP = "op.drop_table('pet')"


def test_an_unmodified_migration_runs(project: Project) -> None:
    project.write("one", CREATE, DROP)
    project.upgrade()
    assert project.revision() == "one"
    assert project.rows("SELECT name, age FROM pet ORDER BY name") == [("Jerry", 4), ("Tom", 3)]
    assert project.rows("SELECT work FROM dsql_record") == []
    project.downgrade("base")
    assert project.revision() is None
    assert project.rows("SELECT to_regclass('pet')") == [(None,)]


def test_a_table_is_built_anew_when_that_is_what_it_takes(project: Project) -> None:
    project.write("one", CREATE)
    project.write("two", "op.alter_column('pet', 'age', type_=sa.BigInteger, postgresql_using='age * 2')")
    project.write("three", "op.alter_column('pet', 'name', nullable=True)\nop.drop_column('pet', 'age')")
    project.upgrade("two")
    assert project.rows("SELECT age FROM pet ORDER BY age") == [(6,), (8,)]
    project.upgrade()
    assert [column["name"] for column in sa.inspect(project.engine).get_columns("pet")] == ["id", "name"]


def test_a_migration_that_failed_goes_on_where_it_was(project: Project) -> None:
    failing = CREATE + "op.execute('INSERT INTO nowhere VALUES (1)')\n"
    project.write("one", failing)
    with pytest.raises(exc.ProgrammingError, match="nowhere"):
        project.upgrade()
    assert project.revision() is None
    project.rewrite("one", CREATE + "op.execute(\"INSERT INTO pet (name) VALUES ('Spike')\")\n")
    project.upgrade()
    assert project.rows("SELECT name FROM pet ORDER BY name") == [("Jerry",), ("Spike",), ("Tom",)]
    assert project.revision() == "one"


@pytest.mark.parametrize(
    "at", ["CREATE TABLE pet", "CREATE UNIQUE INDEX", "INSERT INTO pet", "UPDATE pet", "ADD CONSTRAINT"]
)
def test_a_connection_lost_anywhere_costs_nothing(project: Project, at: str, dsql_cluster: LocalCluster) -> None:
    project.write("one", CREATE)
    # The server has it done, and nobody hears of it.
    dsql_cluster.inject("disconnect", at="after_commit", containing=at)
    try:
        project.upgrade()
    except (exc.DBAPIError, CommandError):
        project.upgrade()
    assert project.rows("SELECT name, age FROM pet ORDER BY name") == [("Jerry", 4), ("Tom", 3)]
    assert project.revision() == "one"


def test_a_statement_that_meets_a_conflict_is_run_again(project: Project, dsql_cluster: LocalCluster) -> None:
    project.write("one", CREATE)
    dsql_cluster.inject("conflict", containing="UPDATE pet", times=2)
    project.upgrade()
    assert project.rows("SELECT age FROM pet WHERE name = 'Jerry'") == [(4,)]


def test_rows_beyond_the_limit_of_a_transaction_are_inserted(project: Project) -> None:
    project.write(
        "one",
        """
        pet = op.create_table("pet", sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False))
        op.bulk_insert(pet, [{"id": n} for n in range(4500)])
        """,
    )
    project.upgrade()
    assert project.rows("SELECT count(*) FROM pet") == [(4500,)]


def test_code_that_asks_the_connection_runs_too(project: Project) -> None:
    project.write("one", CREATE)
    project.write(
        "two",
        """
        connection = op.get_bind()
        names = [name for (name,) in connection.execute(sa.text("SELECT name FROM pet ORDER BY name"))]
        op.create_table("name", sa.Column("name", sa.Text, primary_key=True))
        for name in names:
            connection.execute(sa.text("INSERT INTO name VALUES (:name)"), {"name": name})
        """,
    )
    project.upgrade()
    assert project.rows("SELECT name FROM name ORDER BY name") == [("Jerry",), ("Tom",)]


def upgrade_elsewhere(url: str, driver: str, options: str, folder: str) -> None:
    engine = create_dsql_engine(url, driver=driver, connect_args={"options": options})
    Project(Path(folder), engine).upgrade()


def test_two_who_upgrade_at_once_do_it_once(project: Project, dsql_url: str) -> None:
    project.write("one", CREATE)
    project.write("two", "op.add_column('pet', sa.Column('owner', sa.Text))")
    spawn = multiprocessing.get_context("spawn")
    options = project.engine_options
    arguments = (dsql_url, project.engine.dialect.driver, options, str(project.folder))
    processes = [spawn.Process(target=upgrade_elsewhere, args=arguments) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    assert project.revision() == "two"
    assert project.rows("SELECT count(*) FROM pet") == [(2,)]


def test_the_engines_cache_of_keys_counts_for_statements_of_text_too(new_project: Callable[..., Project]) -> None:
    project = new_project(sequence_cache=1)
    project.write("one", "op.execute('CREATE TABLE pet (id serial PRIMARY KEY)')")
    project.upgrade()
    assert sa.inspect(project.engine).get_columns("pet")[0]["identity"]["cache"] == 1


def test_what_cannot_be_had_is_told_before_it_is_tried(project: Project) -> None:
    project.write("one", "op.execute('CREATE EXTENSION postgis')")
    with pytest.raises(CommandError, match="create_extension"):
        project.upgrade()
    assert project.revision() is None


def test_catalog_changes_disturb_no_runner(project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """On a cluster that refuses the first statement of a session after each change by another (OC001)."""
    cluster = LocalCluster()
    try:
        for name, value in cluster.env.items():
            if not name.startswith("PG"):
                monkeypatch.setenv(name, value)
        engine = create_dsql_engine(cluster.url, driver=project.engine.dialect.driver)
        strict = Project(tmp_path / "strict", engine)
        strict.write("one", CREATE)
        strict.write("two", "op.create_index('ix_pet_age', 'pet', ['age'])\nop.execute('DELETE FROM pet')")
        strict.upgrade()
        assert strict.revision() == "two"
        engine.dispose()
    finally:
        cluster.stop()


def test_offline_the_plan_is_printed(project: Project) -> None:
    project.write("one", CREATE)
    output = io.StringIO()
    command.upgrade(project.config(output=output), "head", sql=True)
    script = output.getvalue()
    assert "CREATE UNIQUE INDEX ASYNC ix_pet_name ON pet (name);" in script
    assert "CALL sys.wait_for_job" in script
    assert "INSERT INTO alembic_version" in script
    assert "BEGIN" not in script
    for statement in _core.split(script):
        assert _core.check(statement) is None, statement


def test_an_engine_with_a_creator_of_its_own_migrates_too(project: Project) -> None:
    engine = project.engine

    def creator() -> Any:
        fairy = engine.raw_connection()
        connection = fairy.driver_connection
        fairy.detach()
        return connection

    own = sa.create_engine(
        f"auroradsql+{engine.dialect.driver}://",
        creator=creator,
        poolclass=sa.NullPool,
    )
    project.write("one", CREATE)
    project.engine = own
    project.upgrade()
    project.engine = engine
    assert project.rows("SELECT name FROM pet ORDER BY name") == [("Jerry",), ("Tom",)]
