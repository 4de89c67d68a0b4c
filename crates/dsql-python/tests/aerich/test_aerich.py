from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aerich import Command
from aerich_support import MODELS_STATE, config, execute, run

FIRST = """
class Owner(Model):
    name = fields.CharField(max_length=20)

class Pet(Model):
    name = fields.CharField(max_length=20)
    nick = fields.CharField(max_length=20, null=True)
"""

SECOND = """
class Owner(Model):
    name = fields.CharField(max_length=200)
    born = fields.DateField(null=True)
    rank = fields.IntField(default=3)

class Visit(Model):
    id = fields.UUIDField(primary_key=True)
    pet = fields.ForeignKeyField("models.Pet", related_name="visits", on_delete=fields.CASCADE)

class Pet(Model):
    name = fields.CharField(max_length=20, unique=True)
    kind = fields.CharField(max_length=20, db_index=True, default="dog")
    owner = fields.ForeignKeyField("models.Owner", related_name="pets", null=True, on_delete=fields.SET_NULL)
    friends = fields.ManyToManyField("models.Pet", related_name="befriended")
"""


async def begin(connections: Any, where: Path, name: str) -> None:
    async with command(connections, where, name) as aerich:
        await aerich.init_db(safe=True)


async def upgrade(connections: Any, where: Path, name: str) -> list[str]:
    async with command(connections, where, name) as aerich:
        return await aerich.upgrade()


def command(connections: Any, location: Path, *models: str) -> Command:
    return Command(config(connections, *models), app="models", location=str(location))


def test_every_command_runs_with_migrations_as_aerich_writes_them(
    connections: Any, versions: Any, tmp_path: Path, dsql_url: str, schema: str
) -> None:
    where = tmp_path / "migrations"

    async def begin() -> None:
        async with command(connections, where, versions(FIRST)) as aerich:
            await aerich.init_db(safe=True)
            assert await aerich.heads() == []
            assert len(await aerich.history()) == 1

    async def go_on() -> None:
        async with command(connections, where, versions(SECOND)) as aerich:
            name = await aerich.migrate("second", no_input=True)
            assert name
            assert await aerich.heads() == [name]
            assert await aerich.upgrade() == [name]
            assert await aerich.heads() == []
            assert len(await aerich.history()) == 2
            assert await aerich.upgrade() == []

    async def look() -> None:
        async with command(connections, where, versions(SECOND)) as aerich:
            assert not await aerich.migrate("nothing", no_input=True)

    async def back() -> None:
        async with command(connections, where, versions(SECOND)) as aerich:
            (name,) = await aerich.downgrade(1, delete=False)
            assert name.startswith("1_")
            assert await aerich.heads() == [name]
            assert await aerich.upgrade() == [name]

    run(begin())
    execute(
        dsql_url, f"INSERT INTO {schema}.pet (name) VALUES ('Rex')", f"INSERT INTO {schema}.owner (name) VALUES ('A')"
    )
    run(go_on())
    assert columns(dsql_url, schema, "pet").keys() == {"id", "name", "kind", "owner_id"}
    # NOT NULL on a column of a table that is there is a CHECK.
    for nothing in ("pet (name) VALUES ('Tux')", "owner (name) VALUES ('Bob')"):
        column = nothing.replace("(name)", "(name, kind)" if "pet" in nothing else "(name, rank)").replace(
            ")", ", NULL)"
        )
        with pytest.raises(Exception, match="not_null"):
            execute(dsql_url, f"INSERT INTO {schema}.{column}".replace(", NULL) VALUES", ") VALUES"))
    assert execute(dsql_url, f"SELECT name, kind FROM {schema}.pet") == [("Rex", "dog")]
    assert constraints(dsql_url, schema, "f") >= 4
    assert not execute(dsql_url, "SELECT 1 FROM pg_index WHERE NOT indisvalid")
    run(look())
    run(back())
    assert columns(dsql_url, schema, "pet").keys() == {"id", "name", "kind", "owner_id"}


def test_inspectdb_writes_models_of_tables(connections: Any, versions: Any, tmp_path: Path, dsql_url: str) -> None:
    """Aerich looks into the schema public."""
    connections["default"]["credentials"].pop("schema")

    async def work() -> str:
        async with command(connections, tmp_path / "migrations", versions(FIRST)) as aerich:
            return await aerich.inspectdb(["inspected"])

    execute(
        dsql_url,
        "CREATE TABLE inspected (id uuid PRIMARY KEY, name varchar(20) NOT NULL, facts jsonb, price numeric(10,2), "
        "born date, seen timestamptz NOT NULL, legs smallint, big bigint, small int, ok boolean, raw bytea)",
    )
    try:
        written = run(work())
    finally:
        execute(dsql_url, "DROP TABLE inspected")
    assert "class Inspected(Model)" in written
    assert "fields.UUIDField(primary_key=True" in written
    assert "fields.CharField(max_length=20" in written
    for kind in ("JSON", "Decimal", "Date", "Datetime", "SmallInt", "BigInt", "Int", "Boolean", "Binary"):
        assert f"fields.{kind}Field(" in written


def columns(url: str, schema: str, table: str) -> dict[str, str]:
    return dict(
        execute(
            url,
            "SELECT column_name::text, is_nullable::text FROM information_schema.columns "
            f"WHERE table_schema = '{schema}' AND table_name = '{table}' ORDER BY ordinal_position",
        )
    )


def constraints(url: str, schema: str, kind: str) -> int:
    ((count,),) = execute(
        url, f"SELECT count(*) FROM pg_constraint WHERE contype = '{kind}' AND connamespace = '{schema}'::regnamespace"
    )
    return count


def test_a_database_of_its_own_is_built_by_migrations_that_were_written_for_postgresql(
    connections: Any, versions: Any, tmp_path: Path, dsql_url: str, schema: str
) -> None:
    """A clone: the files are there, the tables are not."""
    where = tmp_path / "migrations"
    (where / "models").mkdir(parents=True)
    for number, (up, down) in enumerate(WRITTEN_FOR_POSTGRESQL):
        (where / "models" / f"{number}_2026010100000{number}_m.py").write_text(migration(up, down))
    name = versions(SECOND)

    async def work() -> None:
        async with command(connections, where, name) as aerich:
            assert len(await aerich.upgrade()) == 3
            assert await aerich.heads() == []

    run(work())
    assert columns(dsql_url, schema, "pet").keys() == {"id", "name", "age", "kind"}
    assert [kind for (kind,) in execute(dsql_url, f"SELECT kind FROM {schema}.pet")] == ["it's a 'dog';", "x"]


WRITTEN_FOR_POSTGRESQL = [
    (
        r"""CREATE TABLE IF NOT EXISTS "pet" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(20) NOT NULL
);
COMMENT ON COLUMN "pet"."name" IS 'a; name';
CREATE TABLE IF NOT EXISTS "aerich" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "version" VARCHAR(255) NOT NULL,
    "app" VARCHAR(100) NOT NULL,
    "content" JSONB NOT NULL
);
INSERT INTO pet (name) VALUES (E'a\'b;'), ($ä$c;$ä$) /* ; /* ; */ */;""",
        'DROP TABLE "pet";',
    ),
    (
        """ALTER TABLE "pet" ADD "age" INT NOT NULL DEFAULT 3;
ALTER TABLE "pet" ADD "kind" VARCHAR(20) DEFAULT 'it''s a ''dog'';';
CREATE UNIQUE INDEX IF NOT EXISTS "uid_pet_name" ON "pet" ("name");""",
        'ALTER TABLE "pet" DROP COLUMN "age";',
    ),
    (
        """ALTER TABLE "pet" ALTER COLUMN "name" TYPE VARCHAR(200) USING "name"::VARCHAR(200);
UPDATE "pet" SET "kind" = 'x' WHERE "name" = 'c;';
ALTER TABLE "pet" ALTER COLUMN "kind" SET NOT NULL;""",
        'ALTER TABLE "pet" ALTER COLUMN "kind" DROP NOT NULL;',
    ),
]


def migration(up: str, down: str, more: str = MODELS_STATE) -> str:
    return (
        "from tortoise import BaseDBAsyncClient\n\n"
        f"{more}\n"
        f"async def upgrade(db: BaseDBAsyncClient) -> str:\n    return {up!r}\n\n\n"
        f"async def downgrade(db: BaseDBAsyncClient) -> str:\n    return {down!r}\n"
    )


def test_more_than_ten_migrations_keep_their_order(
    connections: Any, versions: Any, tmp_path: Path, dsql_url: str, schema: str
) -> None:
    where = tmp_path / "migrations"
    name = versions(FIRST)

    async def add(number: int) -> None:
        from aerich.migrate import Migrate

        async with command(connections, where, name) as aerich:
            file = await aerich.migrate(f"n{number}", empty=True)
            assert file
            assert file.startswith(f"{number}_")
            path = where / "models" / file
            path.write_text(migration(f'CREATE TABLE "t{number}" (a INT)', f'DROP TABLE "t{number}"', state(path)))
            assert await aerich.upgrade() == [file]
            last = await Migrate.get_last_version()
            assert last
            assert last.version == file

    async def back_and_forth() -> None:
        async with command(connections, where, name) as aerich:
            gone = await aerich.downgrade(9, delete=False)
            assert [file.split("_")[0] for file in gone] == ["12", "11", "10", "9"]
            assert [file.split("_")[0] for file in await aerich.heads()] == ["9", "10", "11", "12"]
            assert [file.split("_")[0] for file in await aerich.upgrade()] == ["9", "10", "11", "12"]

    run(begin(connections, where, name))
    for number in range(1, 13):
        run(add(number))
    run(back_and_forth())
    tables = {n for (n,) in execute(dsql_url, f"SELECT tablename::text FROM pg_tables WHERE schemaname = '{schema}'")}
    assert {f"t{number}" for number in range(1, 13)} <= tables


def state(path: Path) -> str:
    text = path.read_text()
    return text[text.index("MODELS_STATE") :] if "MODELS_STATE" in text else ""


def test_an_upgrade_that_was_interrupted_goes_on_where_it_was(
    connections: Any, versions: Any, tmp_path: Path, dsql_url: str, schema: str
) -> None:
    where = tmp_path / "migrations"
    name = versions(FIRST)

    run(begin(connections, where, name))
    execute(dsql_url, f"INSERT INTO {schema}.pet (name) VALUES ('Rex'), ('Rex')")
    (where / "models" / "1_20990101000000_m.py").write_text(
        migration(
            'ALTER TABLE "pet" ADD "age" INT; CREATE UNIQUE INDEX "u" ON "pet" ("name"); CREATE TABLE "t" (a INT)', ""
        )
    )
    with pytest.raises(Exception, match="u"):
        run(upgrade(connections, where, name))
    assert "age" in columns(dsql_url, schema, "pet")
    assert not columns(dsql_url, schema, "t")
    execute(dsql_url, f"UPDATE {schema}.pet SET name = id::text")
    assert run(upgrade(connections, where, name)) == ["1_20990101000000_m.py"]
    assert columns(dsql_url, schema, "t")
    assert not execute(dsql_url, "SELECT 1 FROM pg_index WHERE NOT indisvalid")


def test_a_migration_that_reads_and_one_that_writes_by_itself(
    connections: Any, versions: Any, tmp_path: Path, dsql_url: str, schema: str
) -> None:
    where = tmp_path / "migrations"
    name = versions(FIRST)

    run(begin(connections, where, name))
    (where / "models" / "1_20990101000000_m.py").write_text(
        "async def upgrade(db):\n"
        "    found = await db.execute_query_dict('SELECT count(*) AS n FROM pet')\n"
        '    return f\'ALTER TABLE "pet" ADD "seen" INT DEFAULT {found[0]["n"]}\'\n'
        "async def downgrade(db):\n    return ''\n" + MODELS_STATE
    )
    assert run(upgrade(connections, where, name))
    path = where / "models" / "2_20990101000000_m.py"
    writes = (
        "async def upgrade(db):\n"
        "    await db.execute_query(\"INSERT INTO pet (name) VALUES ('Rex')\")\n"
        '    return \'ALTER TABLE "pet" ADD "more" INT\'\n'
        "async def downgrade(db):\n    return ''\n" + MODELS_STATE
    )
    path.write_text(writes)
    with pytest.raises(Exception, match="RUN_IN_TRANSACTION = False"):
        run(upgrade(connections, where, name))
    assert not execute(dsql_url, f"SELECT 1 FROM {schema}.pet")
    path.write_text("RUN_IN_TRANSACTION = False\n" + writes)
    assert run(upgrade(connections, where, name))
    assert execute(dsql_url, f"SELECT name FROM {schema}.pet") == [("Rex",)]


@pytest.mark.parametrize("module", ["aerich_compat", "aerich"])
def test_the_compat_module_of_an_older_adapter_is_harmless(
    module: str, connections: Any, versions: Any, tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    where = tmp_path / "migrations"
    name = versions(FIRST)

    async def work() -> None:
        async with command(connections, where, name, f"aurora_dsql_tortoise.{module}") as aerich:
            await aerich.init_db(safe=True)
            assert await aerich.heads() == []

    run(work())
    assert not [each for each in recwarn if "aurora_dsql_tortoise" in str(each.message)]
    import aerich.models

    assert aerich.models.Aerich._meta.pk.__class__.__module__ == "tortoise.fields.data"
