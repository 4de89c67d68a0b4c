"""The migrations that Tortoise 1.x brings along."""

from __future__ import annotations

import asyncio
import importlib
import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tortoise_support import config, rows, run

pytest.importorskip("tortoise.migrations")

from tortoise import Tortoise
from tortoise.cli.cli import run_cli_async

FIRST = """
class Owner(Model):
    name = fields.CharField(max_length=20)

class Pet(Model):
    name = fields.CharField(max_length=20, db_index=True)
    owner = fields.ForeignKeyField("zoo.Owner", related_name="pets", null=True)
"""

SECOND = """
class Owner(Model):
    name = fields.CharField(max_length=200, unique=True)
    born = fields.DateField(null=True)

class Visit(Model):
    id = fields.UUIDField(primary_key=True)
    pet = fields.ForeignKeyField("zoo.Pet", related_name="visits", on_delete=fields.CASCADE)

class Pet(Model):
    name = fields.CharField(max_length=20)
    kind = fields.CharField(max_length=20, db_index=True, null=True)
    friends = fields.ManyToManyField("zoo.Pet", related_name="befriended")
    owner = fields.ForeignKeyField("zoo.Owner", related_name="pets", null=True)
"""

_numbers = itertools.count(1)


@pytest.fixture
def project(tmp_path: Path, dsql_url: str, driver: str, schema: str) -> Iterator[Callable[[str], str]]:
    """Writes the models of a project, and answers the name of its settings."""
    package = f"zoo_{next(_numbers)}"
    (tmp_path / package / "migrations").mkdir(parents=True)
    (tmp_path / package / "__init__.py").touch()
    (tmp_path / package / "migrations" / "__init__.py").touch()
    sys.path.insert(0, str(tmp_path))

    def write(models: str) -> str:
        (tmp_path / package / "models.py").write_text(
            "from tortoise import fields\nfrom tortoise.models import Model\n\n" + models
        )
        settings = config(dsql_url, driver, schema=schema)
        settings["apps"] = {
            "zoo": {
                "models": [f"{package}.models"],
                "default_connection": "default",
                "migrations": f"{package}.migrations",
            }
        }
        (tmp_path / package / "settings.py").write_text(f"TORTOISE_ORM = {settings!r}\n")
        return f"{package}.settings.TORTOISE_ORM"

    yield write
    sys.path.remove(str(tmp_path))


def call(settings: str, *command: str) -> None:
    """A command as its own process would run it."""
    package = settings.split(".")[0]
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        del sys.modules[name]
    importlib.invalidate_caches()

    async def work() -> None:
        assert await run_cli_async(["-c", settings, *command]) == 0

    run(work())


def found(settings: str, query: str) -> list[dict[str, Any]]:
    module, name = settings.rsplit(".", 1)

    async def work() -> list[dict[str, Any]]:
        from tortoise import connections

        await Tortoise.init(config=vars(importlib.import_module(module))[name])
        try:
            return await rows(connections.get("default"), query)
        finally:
            await Tortoise.close_connections()

    return asyncio.run(work())


def test_makemigrations_migrate_and_downgrade(project: Callable[[str], str]) -> None:
    settings = project(FIRST)
    call(settings, "makemigrations")
    call(settings, "migrate")
    project(SECOND)
    call(settings, "makemigrations", "-n", "second")
    call(settings, "migrate")
    call(settings, "history")
    call(settings, "heads")
    columns = {
        (row["table_name"], row["column_name"])
        for row in found(
            settings,
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()",
        )
    }
    assert {("owner", "born"), ("pet", "kind"), ("visit", "pet_id")} <= columns
    assert not found(settings, "SELECT 1 FROM pg_index WHERE NOT indisvalid")
    assert len(found(settings, "SELECT 1 FROM tortoise_migrations")) == 2
    call(settings, "downgrade", "zoo", "0001_initial")
    assert len(found(settings, "SELECT 1 FROM tortoise_migrations")) == 1
    assert not found(
        settings,
        "SELECT 1 FROM information_schema.columns WHERE table_schema = current_schema() AND column_name = 'kind'",
    )
    call(settings, "migrate")
    assert len(found(settings, "SELECT 1 FROM tortoise_migrations")) == 2


def test_a_migration_that_was_interrupted_goes_on_where_it_was(project: Callable[[str], str]) -> None:
    settings = project(FIRST)
    call(settings, "makemigrations")
    call(settings, "migrate")
    found(settings, "INSERT INTO owner (name) VALUES ('Ada'), ('Ada')")
    project(SECOND)
    call(settings, "makemigrations")
    with pytest.raises(Exception, match="name"):
        call(settings, "migrate")
    assert len(found(settings, "SELECT 1 FROM tortoise_migrations")) == 1
    found(settings, "UPDATE owner SET name = id::text")
    call(settings, "migrate")
    assert len(found(settings, "SELECT 1 FROM tortoise_migrations")) == 2
    assert not found(settings, "SELECT 1 FROM pg_index WHERE NOT indisvalid")
    assert not found(settings, "SELECT 1 FROM dsql_record WHERE work LIKE 'tortoise%'")
