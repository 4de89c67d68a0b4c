"""An application with migrations, for the tests."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

ENV = """
from alembic import context

config = context.config
options = config.attributes["options"]
if context.is_offline_mode():
    context.configure(dialect_name="auroradsql", output_buffer=config.attributes["output"], literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    with config.attributes["engine"].connect() as connection:
        context.configure(connection=connection, target_metadata=config.attributes["metadata"], **options)
        with context.begin_transaction():
            context.run_migrations()
"""

MAKO = """
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None
import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

def upgrade():
    ${upgrades if upgrades else "pass"}

def downgrade():
    ${downgrades if downgrades else "pass"}
"""


class Project:
    """An application with migrations."""

    def __init__(self, folder: Path, engine: sa.Engine, engine_options: str = "") -> None:
        self.folder = folder
        self.engine = engine
        self.engine_options = engine_options
        self.metadata = sa.MetaData()
        self.options: dict[str, Any] = {}
        self.versions = folder / "versions"
        self.versions.mkdir(parents=True, exist_ok=True)
        (folder / "env.py").write_text(ENV)
        (folder / "script.py.mako").write_text(MAKO)
        self._last: str | None = None

    def config(self, **attributes: Any) -> Config:
        config = Config()
        config.set_main_option("script_location", str(self.folder))
        config.attributes.update(
            {"engine": self.engine, "metadata": self.metadata, "options": self.options, **attributes}
        )
        return config

    def write(self, name: str, upgrade: str, downgrade: str = "pass") -> None:
        """A migration, after the last one."""
        body = textwrap.indent(textwrap.dedent(upgrade).strip(), "    ")
        back = textwrap.indent(textwrap.dedent(downgrade).strip(), "    ")
        (self.versions / f"{name}.py").write_text(
            f"revision = {name!r}\ndown_revision = {self._last!r}\n"
            "import sqlalchemy as sa\nfrom alembic import op\n\n"
            f"def upgrade():\n{body}\n\ndef downgrade():\n{back}\n"
        )
        self._last = name

    def rewrite(self, name: str, upgrade: str) -> None:
        """A migration, corrected."""
        file = self.versions / f"{name}.py"
        head = file.read_text().split("def upgrade")[0]
        body = textwrap.indent(textwrap.dedent(upgrade).strip(), "    ")
        file.write_text(f"{head}def upgrade():\n{body}\n\ndef downgrade():\n    pass\n")

    def upgrade(self, to: str = "head") -> None:
        command.upgrade(self.config(), to)

    def downgrade(self, to: str) -> None:
        command.downgrade(self.config(), to)

    def rows(self, sql: str) -> list[Any]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(sql))]

    def revision(self) -> str | None:
        rows = self.rows("SELECT version_num FROM alembic_version")
        return rows[0][0] if rows else None
