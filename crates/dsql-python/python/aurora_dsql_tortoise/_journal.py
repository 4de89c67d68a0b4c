"""Scripts that change the schema and were interrupted go on where they were."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from typing import Any

from dsql_orm._core import Migration, MigrationError

from ._errors import translated
from ._schema import statements_of


class Journal:
    """Remembers what has run of scripts, in the table dsql_record, until it is told that they are done.

    Meanwhile it holds the lock that all runners of migrations take.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._migration: Migration | None = None
        self._works: list[str] = []

    async def run(self, script: str) -> None:
        """Runs a script on connections of its own, but for the statements that have run."""
        work = f"tortoise {sha256(script.encode()).hexdigest()}"
        options = self._client.parameters.options
        try:
            if self._migration is None:
                self._migration = await asyncio.to_thread(
                    Migration, self._client.settings, orm="tortoise", on_progress=self._client.log.info
                )
            await asyncio.to_thread(self._migration.begin, work)
            for statement in statements_of(script, options.sequence_cache):
                self._client.log.debug("%s", statement)
                await asyncio.to_thread(self._migration.ddl, statement, foreign_keys=options.foreign_keys)
        except MigrationError as error:
            await self.close()
            raise translated(error) from error
        self._works.append(work)

    async def done(self) -> None:
        """What the scripts belong to is committed: they are forgotten."""
        if self._migration is not None:
            works, self._works = self._works, []
            try:
                await asyncio.to_thread(self._migration.forget, works)
            finally:
                await self.close()

    async def close(self) -> None:
        """Gives the lock back, and forgets nothing."""
        if self._migration is not None:
            migration, self._migration = self._migration, None
            await asyncio.to_thread(migration.close)
