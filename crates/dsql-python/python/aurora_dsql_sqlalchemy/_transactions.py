"""What is known of the transaction of a connection."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import exc


class TransactionDoomedError(exc.PendingRollbackError):
    """COMMIT would lose data: part of the transaction has failed, or was rolled back. It was rolled back as a whole."""


class UncommittedWritesError(exc.InvalidRequestError):
    """DDL inside a transaction that has changed rows: it would have to commit them."""


@dataclass
class Transaction:
    """Of one connection, from its first statement on."""

    statements: int = 0
    wrote: bool = False
    # What the server aborted it for.
    failure: BaseException | None = None
    undone: bool = False
    # The statements before each that is open.
    savepoints: dict[str, int] = field(default_factory=dict[str, int])

    # Jobs that build indexes, with their statements. They outlive it.
    builds: dict[str, str] = field(default_factory=dict[str, str])

    def begin_nested(self, name: str) -> None:
        self.savepoints[name] = self.statements

    def roll_back_nested(self, name: str) -> None:
        before = self.savepoints.pop(name, 0)
        # Where nothing was done, there is nothing to take back.
        self.undone = self.undone or self.statements > before

    def end(self) -> None:
        self.__init__(builds=self.builds)

    def doom(self) -> TransactionDoomedError | None:
        """Why it cannot be committed."""
        if self.failure is not None:
            error = TransactionDoomedError(
                "the transaction cannot be committed, and was rolled back: a statement in it failed, which aborted "
                f"all of it, and the error was caught ({str(self.failure).splitlines()[0]}). Let the error end the "
                "transaction, and run it again as a whole"
            )
            error.__cause__ = self.failure
            return error
        if self.undone:
            return TransactionDoomedError(
                "the transaction cannot be committed, and was rolled back: an inner one (begin_nested) was rolled "
                "back, and without savepoints, which Aurora DSQL does not have, that takes the outer one with it. "
                "Check before writing, or make the inner one a transaction of its own"
            )
        return None
