"""The attempts of a transaction that is run again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ._core import RetryPolicy
from ._errors import class_of
from ._types import ErrorClass


@dataclass(frozen=True)
class FailedAttempt:
    """An attempt that failed: its number from 1, what its error means, and seconds until the next, None for none."""

    number: int
    error: BaseException
    error_class: ErrorClass
    pause: float | None


class Attempts:
    """Counts the attempts of one transaction, from now on. on_failure is told of each that fails, before the pause."""

    def __init__(
        self, policy: RetryPolicy | None = None, on_failure: Callable[[FailedAttempt], object] | None = None
    ) -> None:
        self.policy = policy or RetryPolicy()
        self.failed = 0
        self._on_failure = on_failure
        self._began = time.monotonic()

    def pause(self, error: BaseException, *, committing: bool = False) -> float | None:
        """An attempt has failed: seconds until the next, None when there is to be none.

        committing: COMMIT was under way, or a statement outside a transaction.
        """
        self.failed += 1
        error_class = class_of(error, committing=committing)
        pause = self.policy.delay(self.failed, time.monotonic() - self._began, error_class)
        if self._on_failure:
            self._on_failure(FailedAttempt(self.failed, error, error_class, pause))
        return pause
