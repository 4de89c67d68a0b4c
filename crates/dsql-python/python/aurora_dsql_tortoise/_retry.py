"""Transactions that are run again after a conflict."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, overload

from dsql_orm import Attempts, FailedAttempt, RetryPolicy
from tortoise.transactions import in_transaction

from ._errors import DsqlAmbiguousCommitError
from ._transaction import Joined

T = TypeVar("T")
P = ParamSpec("P")


async def run_in_transaction(
    work: Callable[..., Awaitable[T]],
    *args: Any,
    connection_name: str | None = None,
    policy: RetryPolicy | None = None,
    on_failure: Callable[[FailedAttempt], object] | None = None,
) -> T:
    """Awaits work(connection, *args) in a transaction, and again in a new one after a conflict.

    Within a transaction it joins that one: the outermost is what can be run again.
    """

    async def once() -> T:
        async with in_transaction(connection_name) as connection:
            return await work(connection, *args)

    if isinstance(in_transaction(connection_name), Joined):
        return await once()
    return await _again(once, policy, on_failure)


@overload
def retry_on_conflict(function: Callable[P, Awaitable[T]], /) -> Callable[P, Awaitable[T]]: ...
@overload
def retry_on_conflict(
    *, policy: RetryPolicy | None = None, on_failure: Callable[[FailedAttempt], object] | None = None
) -> Callable[[Callable[P, Awaitable[T]]], Callable[P, Awaitable[T]]]: ...
def retry_on_conflict(
    function: Any = None,
    /,
    *,
    policy: RetryPolicy | None = None,
    on_failure: Callable[[FailedAttempt], object] | None = None,
) -> Any:
    """Calls a coroutine function again when the transaction within it met a conflict. It stands outside of @atomic."""

    def decorate(decorated: Any) -> Any:
        @wraps(decorated)
        async def wrapped(*args: Any, **kwargs: Any) -> Any:
            return await _again(lambda: decorated(*args, **kwargs), policy, on_failure)

        return wrapped

    return decorate(function) if function else decorate


async def _again(
    once: Callable[[], Awaitable[T]], policy: RetryPolicy | None, on_failure: Callable[[FailedAttempt], object] | None
) -> T:
    attempts = Attempts(policy, on_failure)
    while True:
        try:
            return await once()
        except Exception as error:
            pause = attempts.pause(error, committing=isinstance(error, DsqlAmbiguousCommitError))
            if pause is None:
                raise
        await asyncio.sleep(pause)
