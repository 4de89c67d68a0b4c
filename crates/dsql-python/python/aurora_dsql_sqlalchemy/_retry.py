"""Transactions that are run again when another was first."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, overload

from dsql_orm import Attempts, FailedAttempt, RetryPolicy
from sqlalchemy import Engine, exc

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
    from sqlalchemy.orm import Session, sessionmaker

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")
OnFailure = Callable[[FailedAttempt], object]


def run_in_transaction(
    target: Engine | sessionmaker[Session],
    fn: Callable[[Session], Result],
    *,
    policy: RetryPolicy | None = None,
    on_failure: OnFailure | None = None,
) -> Result:
    """Runs fn(session) in a transaction and commits it; all of it again, in a new Session, after a conflict.

    What fn does beside the database may be done several times. Objects that it returns can be read afterwards, unless
    a sessionmaker says otherwise (expire_on_commit).

    policy: how often and how long; 8 attempts within 30 seconds.
    on_failure: is told of each attempt that fails, before the pause.
    """
    from sqlalchemy.orm import sessionmaker

    make = sessionmaker(target, expire_on_commit=False) if isinstance(target, Engine) else _callable(target)
    attempts = Attempts(policy, on_failure)
    while True:
        committing = False
        try:
            with make() as session:
                result = fn(session)
                session.flush()
                committing = True
                session.commit()
                return result
        except Exception as error:
            pause = attempts.pause(error, committing=committing)
            if pause is None:
                raise
        time.sleep(pause)


async def run_in_transaction_async(
    target: AsyncEngine | async_sessionmaker[AsyncSession],
    fn: Callable[[AsyncSession], Awaitable[Result]],
    *,
    policy: RetryPolicy | None = None,
    on_failure: OnFailure | None = None,
) -> Result:
    """The same with asyncio."""
    import asyncio

    from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

    is_engine = isinstance(target, AsyncEngine)
    make = async_sessionmaker(target, expire_on_commit=False) if is_engine else _callable(target)
    attempts = Attempts(policy, on_failure)
    while True:
        committing = False
        try:
            async with make() as session:
                result = await fn(session)
                await session.flush()
                committing = True
                await session.commit()
                return result
        except Exception as error:
            pause = attempts.pause(error, committing=committing)
            if pause is None:
                raise
        await asyncio.sleep(pause)


class _Decorator:
    def __init__(self, target: Any, policy: RetryPolicy | None, on_failure: OnFailure | None) -> None:
        self._target = target
        self._policy = policy
        self._on_failure = on_failure

    @overload
    def __call__(
        self, fn: Callable[Concatenate[AsyncSession, Arguments], Coroutine[Any, Any, Result]]
    ) -> Callable[Arguments, Coroutine[Any, Any, Result]]: ...
    @overload
    def __call__(self, fn: Callable[Concatenate[Session, Arguments], Result]) -> Callable[Arguments, Result]: ...
    def __call__(self, fn: Any) -> Any:
        def bound(args: Any, kwargs: Any) -> Any:
            def call(session: Any) -> Any:
                return fn(session, *args, **kwargs)

            return call

        @functools.wraps(fn)
        def again(*args: Any, **kwargs: Any) -> Any:
            call = bound(args, kwargs)
            return run_in_transaction(self._target, call, policy=self._policy, on_failure=self._on_failure)

        @functools.wraps(fn)
        async def again_async(*args: Any, **kwargs: Any) -> Any:
            call = bound(args, kwargs)
            return await run_in_transaction_async(self._target, call, policy=self._policy, on_failure=self._on_failure)

        made: Any = again_async if inspect.iscoroutinefunction(fn) else again
        # As it is called, for frameworks that look.
        signature = inspect.signature(fn)
        made.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])
        return made


def retry_on_conflict(
    target: Engine | sessionmaker[Session] | AsyncEngine | async_sessionmaker[AsyncSession],
    *,
    policy: RetryPolicy | None = None,
    on_failure: OnFailure | None = None,
) -> _Decorator:
    """Makes a function of a session one transaction, as run_in_transaction does. It is called without the session.

    @retry_on_conflict(engine)
    def rename(session: Session, owner_id: int, name: str) -> None:
        session.get_one(Owner, owner_id).name = name

    rename(1, "Ann")
    """
    return _Decorator(target, policy, on_failure)


def _callable(target: Any) -> Any:
    """What makes sessions."""
    if callable(target):
        return target
    raise exc.ArgumentError(
        f"a {type(target).__name__} makes no sessions: give an Engine or a sessionmaker to run_in_transaction, an "
        "AsyncEngine or an async_sessionmaker to run_in_transaction_async"
    )
