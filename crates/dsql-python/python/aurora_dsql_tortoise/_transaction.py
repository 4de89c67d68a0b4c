"""Transactions: begun when something is sent, joined where they are nested, lost as a whole."""

# The hooks of Tortoise are protected, and partly without types.
# pyright: reportPrivateUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAbstractUsage=false, reportMissingTypeStubs=false
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from dsql_orm import Attempts, Settings, class_of, kind, sqlstate_of
from dsql_orm._core import locks_rows
from tortoise.backends.base.client import (
    ConnectionWrapper,
    NestedTransactionContext,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.exceptions import OperationalError, TransactionManagementError

from ._errors import DsqlConflictError, translated
from ._journal import Journal

if TYPE_CHECKING:
    from ._client import DsqlClient

    _Base = DsqlClient
else:
    _Base = object


class DsqlTransaction(_Base):
    """What in_transaction() answers. One within another shares its state: there are no savepoints."""

    def __init__(self, parent: Any) -> None:
        self._connection = parent._connection
        self._parent = parent
        self._finalized = False
        self._journal = None
        self._nested = isinstance(parent, DsqlTransaction)
        self._state = parent._state if self._nested else State(parent)
        self._lock = self._state.lock
        self.log = parent.log
        self.connection_name = parent.connection_name
        self.fetch_inserted = parent.fetch_inserted
        self.parameters = parent.parameters

    @property
    def settings(self) -> Settings:
        parent: Any = self._parent
        return parent.settings

    def _in_transaction(self) -> TransactionContext:
        client: Any = type(self)(self)
        return Joined(client)

    def acquire_connection(self) -> Any:
        return _Begun(self._lock, self)

    async def begin(self) -> None:
        """BEGIN is sent with the first statement: until then a script may change the schema."""

    async def savepoint(self) -> None:
        """A transaction within another joins it."""

    async def commit(self) -> None:
        self._finalize()
        if self._nested:
            return
        try:
            async with self._lock:
                await self._end()
        except DsqlConflictError as error:
            if not await self._repeated(error):
                raise
        except BaseException:
            await self._state.journal.close()
            raise
        await self._state.journal.done()

    async def rollback(self) -> None:
        await self._roll_back(None)

    async def release_savepoint(self) -> None:
        await self.commit()

    async def savepoint_rollback(self) -> None:
        await self._roll_back(None)

    async def execute_many(self, query: str, values: list[Any]) -> None:
        await self._translate_exceptions(_many, query, values)

    async def execute_script(self, query: str) -> None:
        if self._changes_schema(query):
            await self._change_schema(query)
        else:
            await super().execute_script(query)

    async def _translate_exceptions(self, func: Any, *args: Any, **kwargs: Any) -> Any:
        if not self._state.wrote and args and isinstance(args[0], str):
            self._state.wrote = kind(args[0]) != "read" or locks_rows(args[0])
        try:
            answer = await func(self, *args, **kwargs)
            self._state.answered(lambda: self._translate_exceptions(func, *args, **kwargs), answer)
            return answer
        except Exception as error:
            meant = translated(error)
            if self._state.begun and (sqlstate_of(error) or class_of(error) == "unavailable"):
                self._state.lose(meant)
            if meant is error:
                raise
            raise meant from error

    async def _change_schema(self, script: str) -> None:
        """Statements of the schema run one by one, each in a transaction of its own; none is open meanwhile."""
        async with self._lock:
            self._check_usable()
            if self._state.begun:
                if self._state.wrote:
                    raise OperationalError(
                        "A transaction that has changed rows cannot change the schema: ddl and dml are not supported "
                        "in the same transaction. Run the statements of the schema before it, or after it; a migration "
                        "that needs both says RUN_IN_TRANSACTION = False (Aerich) or atomic = False (Tortoise)"
                    )
                await self._end()
            await self._state.journal.run(script)

    async def _repeated(self, error: Exception) -> bool:
        """A transaction of one statement is repeated as a single statement is, as long as its answer is the same.

        So whoever is second to make a row is told that it is there.
        """
        state = self._state
        again, answer = state.only
        if again is None or state.lost:
            return False
        attempts = Attempts(self.parameters.options.retry)
        while (pause := attempts.pause(error)) is not None:
            await asyncio.sleep(pause)
            self._finalized = False
            try:
                state.count = 0
                same = await again() == answer
                self._finalized = True
                if not same:
                    return False
                async with self._lock:
                    await self._end()
                return True
            except DsqlConflictError as conflict:
                error, state.lost = conflict, None
            finally:
                self._finalized = True
                if state.begun:
                    state.begun = False
                    await self._send(self._connection, "ROLLBACK")
        return False

    async def _roll_back(self, cause: BaseException | None) -> None:
        self._finalize()
        state = self._state
        if self._nested:
            state.lose(
                TransactionManagementError(
                    "An inner transaction was rolled back"
                    + (f" ({type(cause).__name__}: {cause})" if cause else "")
                    + ". It is a part of the outer one, since the service has no savepoints, so nothing of it is kept. "
                    "Let the exception reach the outer transaction, or do without the inner one"
                ),
                cause,
            )
            return
        async with self._lock:
            await state.journal.close()
            if state.begun:
                state.begun = False
                await self._send(self._connection, "ROLLBACK")

    async def _end(self) -> None:
        """COMMIT, and no silence where the service answers that it rolled back."""
        state = self._state
        if not state.begun:
            if state.lost:
                raise state.reason()
            return
        state.begun = False
        if state.lost:
            await self._send(self._connection, "ROLLBACK")
            raise state.reason()
        tag = await self._send(self._connection, "COMMIT", committing=True)
        if tag != "COMMIT":
            raise TransactionManagementError(
                "The transaction was rolled back at COMMIT, since a statement of it had failed or was cancelled"
            )

    def _finalize(self) -> None:
        if self._finalized:
            raise TransactionManagementError("Transaction already finalised")
        self._finalized = True

    def _check_usable(self) -> None:
        if self._finalized:
            raise TransactionManagementError("Transaction already finalised")
        if self._state.lost:
            raise self._state.reason()


class State:
    """What a transaction and those within it share."""

    def __init__(self, client: Any) -> None:
        self.lock = asyncio.Lock()
        self.begun = False
        self.wrote = False
        self.count = 0
        # What repeats the statement of the transaction, where it has one only, and what that one answered.
        self.only: tuple[Callable[[], Awaitable[Any]] | None, Any] = (None, None)
        self.lost: Exception | None = None
        self._cause: BaseException | None = None
        self.journal = Journal(client)

    def answered(self, again: Callable[[], Awaitable[Any]], answer: Any) -> None:
        self.only = (again, answer) if self.count == 0 else (None, None)
        self.count += 1

    def lose(self, why: Exception, cause: BaseException | None = None) -> None:
        """Nothing of the transaction can be kept any more. The first reason counts."""
        if self.lost is None:
            self.lost = why
            self._cause = cause

    def reason(self) -> Exception:
        """What a statement in a lost transaction, and its COMMIT, are answered."""
        assert self.lost is not None
        error: Exception
        if isinstance(self.lost, DsqlConflictError) or (self._cause and _is_conflict(self._cause)):
            error = DsqlConflictError(f"The transaction is rolled back: {self.lost}")
        else:
            error = TransactionManagementError(f"The transaction is rolled back: {self.lost}")
        error.__cause__ = self._cause or self.lost
        return error


class Transaction(TransactionContextPooled):
    """The outermost in_transaction(): takes a connection, and gives it back however the transaction ends."""

    async def __aexit__(self, exc_type: object, exc_val: BaseException | None, exc_tb: object) -> None:
        client: Any = self.client
        try:
            if not client._finalized:
                await (client.rollback() if exc_type else client.commit())
        finally:
            client._finalized = True
            await super().__aexit__(exc_type, exc_val, exc_tb)


class Joined(NestedTransactionContext):
    async def __aexit__(self, exc_type: object, exc_val: BaseException | None, exc_tb: object) -> None:
        client: Any = self.client
        if not client._finalized:
            await (client._roll_back(exc_val) if exc_type else client.commit())


class _Begun(ConnectionWrapper[Any]):
    """The connection of a transaction, one statement at a time."""

    async def __aenter__(self) -> Any:
        client: Any = self.client
        await self._lock.acquire()
        try:
            client._check_usable()
            if not client._state.begun:
                await client._send(self.connection, "BEGIN")
                client._state.begun = True
        except BaseException:
            self._lock.release()
            raise
        return self.connection


async def _many(client: Any, query: str, values: list[Any]) -> None:
    async with client.acquire_connection() as connection:
        await client._many(connection, query, values)


def _is_conflict(error: BaseException) -> bool:
    return class_of(error) in ("conflict", "schema_changed")
