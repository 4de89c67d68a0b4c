"""Prints the table: compare.py OURS THEIRS, the interpreters of two virtual environments; on a cluster in the environment."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from common import median

HERE = Path(__file__).parent
ROUNDS = int(os.environ.get("ROUNDS", "3"))


@dataclass(frozen=True)
class Figure:
    what: str
    program: str
    name: str
    # Their time divided by ours is to be at least this.
    promised: float | None
    unit: str = "ms"


FIGURES = [
    Figure("SQLAlchemy: import and create an engine", "import", "import", 1.0),
    Figure(
        "SQLAlchemy: settings and token of the first connection", "sqlalchemy_side.py", "setting_up_first", 20.0, "µs"
    ),
    Figure("SQLAlchemy: settings and token of every other", "sqlalchemy_side.py", "setting_up", 20.0, "µs"),
    Figure("SQLAlchemy: create_all of 50 tables with 100 indexes", "sqlalchemy_side.py", "create_all", 1.0),
    Figure("SQLAlchemy: reflect them", "sqlalchemy_side.py", "reflect", 1.0),
    Figure("SQLAlchemy: a row inserted in a session", "sqlalchemy_side.py", "insert", 1.0),
    Figure("SQLAlchemy: 1,000 rows inserted in a session", "sqlalchemy_side.py", "bulk_insert", 1.0),
    Figure("SQLAlchemy: a row got by its key", "sqlalchemy_side.py", "select", 1.0),
    Figure("SQLAlchemy: 1,000 rows selected", "sqlalchemy_side.py", "bulk_select", 1.0),
    Figure("Tortoise: a pool of 10 connections", "tortoise_side.py", "pool", 1.0),
    Figure("Tortoise: generate_schemas of 31 models", "tortoise_side.py", "schemas", 1.0),
    Figure("Tortoise: 10,000 rows by bulk_create", "tortoise_side.py", "bulk_create", 1.0),
    Figure("Tortoise: create, save, get, delete", "tortoise_side.py", "crud", 1.0),
    Figure("Tortoise: 100,000 rows by bulk_create", "tortoise_side.py", "bulk_create_100_000", None),
]
IMPORT = (
    "from aurora_dsql_sqlalchemy import create_dsql_engine; "
    "create_dsql_engine(host='abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws', user='admin')"
)


def measure(figure: Figure, interpreter: str, side: str) -> float | str:
    """Seconds, or why there are none."""
    if figure.program == "import":
        began = time.perf_counter()
        subprocess.run([interpreter, "-c", IMPORT], check=True)
        return time.perf_counter() - began
    done = subprocess.run(
        [interpreter, HERE / figure.program, side, figure.name], capture_output=True, text=True, timeout=600
    )
    if done.returncode:
        return done.stderr.strip().splitlines()[-1][:90]
    return float(done.stdout.strip().splitlines()[-1])


def shown(value: float | str, unit: str) -> str:
    if isinstance(value, str):
        return f"fails: {value}"
    return f"{value * 1e6:.0f} µs" if unit == "µs" else f"{value * 1e3:.1f} ms"


def main() -> None:
    ours, theirs = sys.argv[1:3]
    only = sys.argv[3:]
    print("| what | ours | theirs | theirs / ours | promised | met |")
    print("|---|---|---|---|---|---|")
    for figure in FIGURES:
        if only and figure.name not in only:
            continue
        sides: dict[str, list[float | str]] = {"ours": [], "theirs": []}
        for _ in range(ROUNDS):
            for side, interpreter in (("ours", ours), ("theirs", theirs)):
                sides[side].append(measure(figure, interpreter, side))
        middle: dict[str, float | str] = {}
        for side, values in sides.items():
            failed = [value for value in values if isinstance(value, str)]
            middle[side] = failed[0] if failed else median([value for value in values if not isinstance(value, str)])
        mine, other = middle["ours"], middle["theirs"]
        ratio = other / mine if isinstance(mine, float) and isinstance(other, float) else None
        met = "–" if figure.promised is None or ratio is None else "yes" if ratio >= figure.promised else "NO"
        promised = "–" if figure.promised is None else f"≥ {figure.promised:g}"
        print(
            f"| {figure.what} | {shown(mine, figure.unit)} | {shown(other, figure.unit)} "
            f"| {f'{ratio:.2f}' if ratio else '–'} | {promised} | {met} |",
            flush=True,
        )


main()
