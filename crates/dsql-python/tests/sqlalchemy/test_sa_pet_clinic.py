"""examples/pet-clinic/sqlalchemy, as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CLINIC = Path(__file__).parents[4] / "examples" / "pet-clinic" / "sqlalchemy"


@pytest.mark.parametrize("on", ["a cluster of its own", "the cluster of DSQL_URL"])
def test_the_pet_clinic_has_its_day(on: str, dsql_url: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DSQL_URL"}
    if on == "the cluster of DSQL_URL":
        environment["DSQL_URL"] = dsql_url
    done = subprocess.run(
        [sys.executable, "-W", "error", str(CLINIC)], capture_output=True, text=True, timeout=120, env=environment
    )
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if not line.startswith("A local cluster")]
    assert lines == [
        "3 pets are registered",
        "4 of 5 calls got an appointment",
        "Dr. Nunez (bones): 0 appointments left",
        "Dr. Weiss (bones, teeth): 0 appointments left",
        *lines[4:6],
        "Likes balls: Rex",
    ]
    # Which of the five was too late differs.
    visits = [int(line.split(": ")[1].split()[0]) for line in lines[4:6]]
    assert sum(visits) == 4
