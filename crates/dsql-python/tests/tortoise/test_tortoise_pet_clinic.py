"""examples/pet-clinic/tortoise, as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CLINIC = Path(__file__).parents[4] / "examples" / "pet-clinic" / "tortoise"


def test_a_day_at_the_clinic() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DSQL_URL"}
    run = subprocess.run([sys.executable, CLINIC], env=environment, capture_output=True, text=True, timeout=100)
    assert run.returncode == 0, run.stderr
    assert "3 pets are registered" in run.stdout
    assert "4 of 5 calls got an appointment" in run.stdout
    assert "Dr. Weiss (bones, teeth): 0 appointments left" in run.stdout
    assert "Likes balls: Rex" in run.stdout
