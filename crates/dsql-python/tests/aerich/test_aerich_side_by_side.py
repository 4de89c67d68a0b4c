"""One process, one Aerich, a PostgreSQL and a cluster of the service."""

from __future__ import annotations

import glob
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aerich import Command
from aerich_support import execute, run
from tortoise.backends.base.config_generator import expand_db_url

PET = """
class {name}(Model):
    name = fields.CharField(max_length=20)
    legs = fields.IntField({options})
"""


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a plain PostgreSQL."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin")) or [os.path.dirname(shutil.which("initdb") or "")]
    programs = Path(found[-1])
    if not (programs / "initdb").exists():
        pytest.skip("there is no PostgreSQL to stand side by side with")
    folder = tmp_path_factory.mktemp("postgres")
    # It does not run as root.
    who = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if who:
        shutil.chown(folder, "postgres")
        for above in [folder.parent, folder.parent.parent]:
            above.chmod(0o755)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def call(*command: str) -> None:
        subprocess.run([*who, *command], check=True, cwd=folder, stdout=subprocess.DEVNULL)

    data = folder / "data"
    call(str(programs / "initdb"), "-D", str(data), "-U", "plain", "-A", "trust", "--no-sync")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    call(str(programs / "pg_ctl"), "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    yield f"asyncpg://plain@127.0.0.1:{port}/postgres"
    call(str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")


@pytest.mark.parametrize("ledger", ["dsql", "postgres"])
def test_one_process_migrates_both(
    ledger: str, postgres: str, connections: Any, versions: Any, tmp_path: Path, dsql_url: str, schema: str
) -> None:
    both = {"dsql": connections["default"], "postgres": expand_db_url(postgres)}

    def config(options: str) -> dict[str, Any]:
        apps = {}
        for app in ("dsql", "postgres"):
            modules = [versions(PET.format(name=f"{app.capitalize()}{ledger.capitalize()}Pet", options=options))]
            apps[app] = {
                "models": modules + (["aerich.models"] if app == ledger else []),
                "default_connection": app,
            }
        return {"connections": both, "apps": apps}

    first, second = config("null=True"), config("default=4")

    async def begin(app: str) -> None:
        async with Command(first, app=app, location=str(tmp_path / "migrations")) as aerich:
            await aerich.init_db(safe=True)

    async def go_on(app: str) -> list[str]:
        async with Command(second, app=app, location=str(tmp_path / "migrations")) as aerich:
            name = await aerich.migrate(no_input=True)
            assert await aerich.upgrade() == [name]
            return await aerich.heads()

    async def back(app: str) -> None:
        async with Command(second, app=app, location=str(tmp_path / "migrations")) as aerich:
            assert len(await aerich.downgrade(-1, delete=False)) == 1

    for app in [ledger, *({"dsql", "postgres"} - {ledger})]:
        run(begin(app))
    for app in ("dsql", "postgres"):
        assert run(go_on(app)) == []

    async def on_postgres(query: str) -> list[Any]:
        import asyncpg

        plain = await asyncpg.connect(postgres.replace("asyncpg://", "postgres://"))
        try:
            return [tuple(row) for row in await plain.fetch(query)]
        finally:
            await plain.close()

    table = f"postgres{ledger}pet"
    legs = (
        "SELECT data_type::text, is_nullable::text FROM information_schema.columns "
        f"WHERE table_name = '{table}' AND column_name IN ('id', 'legs') ORDER BY column_name"
    )
    # PostgreSQL keeps what is PostgreSQL's: an integer key, and NOT NULL on a column that is there.
    assert run(on_postgres(legs)) == [("integer", "NO"), ("integer", "NO")]
    assert execute(dsql_url, legs.replace(table, f"dsql{ledger}pet"))[0] == ("bigint", "NO")
    for app in ("postgres", "dsql"):
        run(back(app))
    assert run(on_postgres(legs)) == [("integer", "NO"), ("integer", "YES")]
