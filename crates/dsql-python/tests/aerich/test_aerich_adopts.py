"""A database whose Aerich table was made by the adapter that people have today: its keys are UUIDs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aerich import Command
from aerich_support import config, execute, run
from test_aerich import FIRST, columns


def test_its_table_is_set_aside_and_its_migrations_are_taken_as_applied(
    connections: Any, versions: Any, tmp_path: Path, dsql_url: str, schema: str
) -> None:
    where = tmp_path / "migrations"
    name = versions(FIRST)

    def command() -> Command:
        return Command(config(connections, name), app="models", location=str(where))

    async def before() -> None:
        async with command() as aerich:
            await aerich.init_db(safe=True)

    async def adopt() -> None:
        from tortoise import Tortoise

        async with command() as aerich:
            await Tortoise.generate_schemas(safe=True)
            assert len(await aerich.upgrade(fake=True)) == 1
            assert await aerich.heads() == []

    run(before())
    execute(dsql_url, f"DROP TABLE {schema}.aerich")
    execute(
        dsql_url,
        f"CREATE TABLE {schema}.aerich (id uuid PRIMARY KEY, version varchar(255) NOT NULL, app varchar(100) NOT NULL, "
        "content jsonb NOT NULL)",
    )
    execute(dsql_url, f"ALTER TABLE {schema}.aerich RENAME TO aerich_before")
    run(adopt())
    assert columns(dsql_url, schema, "aerich").keys() == {"id", "version", "app", "content"}
