"""Runs a plan, whoever holds the connection.

`steps` yields what is to be done, one thing at a time, and is sent what came of it. The caller sends each statement in
a transaction of its own, so that one loop serves a driver that waits and one loop a driver that is awaited.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeAlias

from ._core import Batches, Plan, Step
from ._errors import JobFailedError, PlanRefusedError


@dataclass(frozen=True)
class Task:
    """Statements of one transaction.

    rows: the rows that the last one answers are wanted, all of them; else how many it changed.
    alone: it must be sent outside any transaction.
    """

    statements: tuple[str, ...]
    rows: bool = False
    alone: bool = False


# Rows, or a number of rows.
Answer: TypeAlias = "list[tuple[Any, ...]] | int"
Tasks: TypeAlias = Generator[Task, Any, None]


def steps(sql: str, plan: Plan, *, wait: bool = True, jobs: list[str] | None = None) -> Tasks:
    """What the plan of a statement asks to be done. Without `wait` jobs are begun only, and entered into `jobs`."""
    if plan.errors:
        raise PlanRefusedError(sql, plan.errors)
    for step in plan.steps:
        yield from _step(step, wait, jobs)


def job(sql: str, job_id: str) -> Tasks:
    """Waits for a job to succeed."""
    quoted = job_id.replace("'", "''")
    while True:
        answer = yield Task((f"CALL sys.wait_for_job('{quoted}')",), rows=True, alone=True)
        if answer and answer[0][0]:
            return
        state = yield Task((f"SELECT status, details FROM sys.jobs WHERE job_id = '{quoted}'",), rows=True)
        if not state:
            raise JobFailedError(sql, job_id, "unknown", "sys.jobs does not list it any more")
        status, details = state[0]
        if status == "completed":
            return
        if status not in ("submitted", "processing"):
            raise JobFailedError(sql, job_id, status or "unknown", details or "no details given")


def _step(step: Step, wait: bool, jobs: list[str] | None) -> Tasks:
    if step.batches:
        yield from _batches(step.batches)
    elif step.lookup:
        rows = yield Task((step.lookup.query,), rows=True)
        plan = step.lookup.plan(rows[0][0])
        yield from steps(step.sql, plan, wait=wait, jobs=jobs)
    elif step.kind == "async_ddl" and not wait and jobs is None:
        # Nobody asks for the job.
        yield Task((step.sql,))
    elif step.kind == "async_ddl":
        rows = yield Task((step.sql,), rows=True)
        job_id = rows[0][0] if rows else None
        if job_id and wait:
            yield from job(step.sql, job_id)
        elif job_id and jobs is not None:
            jobs.append(job_id)
    else:
        yield Task(tuple(step.statements))


def _batches(batches: Batches) -> Tasks:
    key = batches.key_columns()
    if key is None:
        rows = yield Task((batches.key_columns_query(),), rows=True)
        key = [column for (column,) in rows]
    after: list[str] | None = None
    while True:
        until: list[str] | None = None
        if key:
            page = yield Task((batches.page_query(key, after),), rows=True)
            until = list(page[0]) if page else None
        changed = yield Task((batches.statement(key, after, until),))
        if until is None and (key or not changed):
            return
        after = until
