"""What both sides of the comparison have in common."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

PORT = int(os.environ["PGPORT"])
# The name that their connector takes.
THEIR_HOST = "abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws"


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def timed(work: Callable[[], Any], rounds: int, prepare: Callable[[], Any] = lambda: None) -> float:
    """The median of the seconds that it takes."""
    taken: list[float] = []
    for _ in range(rounds):
        prepare()
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return median(taken)
