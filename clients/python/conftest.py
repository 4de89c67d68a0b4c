"""What the tests of all Python clients have in common. The cluster is found in the environment."""

from collections.abc import Callable
from typing import TypeVar
from uuid import uuid4

import pytest

T = TypeVar("T")

CONFLICT = "change conflicts with another transaction (OC000)"


@pytest.fixture
def name() -> str:
    """A name for a table of the test's own."""
    return f"t_{uuid4().hex}"


def retried(attempt: Callable[[], T], is_conflict: Callable[[Exception], bool]) -> tuple[T, int]:
    """Runs a transaction until it meets no conflict; also how many times it was run."""
    for tries in range(1, 6):
        try:
            return attempt(), tries
        except Exception as error:
            if not is_conflict(error):
                raise
    raise AssertionError("five conflicts in a row")
