"""Runs the suites that SQLAlchemy and Alembic have for dialects, each on a local cluster of its own.

    python tests/compliance/run.py --driver psycopg --suite sqlalchemy

Fails where less than 97 % passes of what is not excluded. Reasons of exclusions are in requirements.py of each suite.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from dsql_orm import LocalCluster

SUITES = ("sqlalchemy", "alembic")
DRIVERS = ("psycopg", "psycopg2", "asyncpg")
PASSING = 97.0
# Before the reason where Aurora DSQL cannot pass a test, as dsql_compliance.py has it.
EXCLUDED = "Aurora DSQL: "


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", action="append", choices=SUITES, help="default: both")
    parser.add_argument("--driver", action="append", choices=DRIVERS, help="default: all three")
    parser.add_argument("--python", default=sys.executable, help="of the environment with the dialect; default: this")
    parser.add_argument("--dialect", default="auroradsql", help="the name in the URL")
    parser.add_argument("-k", dest="only", help="tests to run, as pytest has it")
    options = parser.parse_args()
    runs = [run(suite, driver, options) for suite in options.suite or SUITES for driver in options.driver or DRIVERS]
    for suite_run in runs:
        report(suite_run)
    print(f"{'suite':<12}{'version':<10}{'driver':<10}", end="")
    print(f"{'passed':>8}{'failed':>8}{'excluded':>10}{'skipped':>9}{'passing':>10}{'seconds':>9}")
    for suite_run in runs:
        print(suite_run)
    return 0 if all(suite_run.percentage >= PASSING for suite_run in runs) else 1


@dataclass
class Run:
    suite: str
    version: str
    driver: str
    seconds: float
    passed: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    excluded: Counter[str] = field(default_factory=Counter)
    # PostgreSQL has not got it either, or the driver or the version of the suite has not.
    skipped: int = 0

    @property
    def percentage(self) -> float:
        """Of those that were run."""
        count = self.passed + len(self.failed)
        return 100 * self.passed / count if count else 0.0

    def __str__(self) -> str:
        return (
            f"{self.suite:<12}{self.version:<10}{self.driver:<10}"
            f"{self.passed:>8}{len(self.failed):>8}{self.excluded.total():>10}{self.skipped:>9}"
            f"{self.percentage:>8.1f} %{self.seconds:>9.0f}"
        )


def run(suite: str, driver: str, options: argparse.Namespace) -> Run:
    """One suite with one driver, in a process of its own."""
    folder = Path(__file__).resolve().parent
    cluster = LocalCluster(schema_conflicts=False)
    try:
        with tempfile.TemporaryDirectory() as work:
            outcomes = Path(work, "outcomes.json")
            url = f"{options.dialect}+{driver}://admin@localhost:{cluster.port}/postgres"
            command = [options.python, "-m", "pytest", "--quiet", "--no-header", "--tb=no", "--show-capture=no"]
            command += ["-p", "no:cacheprovider", "-p", "no:dsql_orm"]
            command += ["-p", "sqlalchemy.testing.plugin.pytestplugin", "-p", "dsql_compliance"]
            command += ["--rootdir", str(folder / suite), "--dburi", url, "--outcomes", str(outcomes)]
            command += ["-k", options.only] if options.only else []
            environment = {
                **os.environ,
                **cluster.env,
                "PYTHONPATH": os.pathsep.join([str(folder), str(folder / suite), os.environ.get("PYTHONPATH", "")]),
                "PYTHONDONTWRITEBYTECODE": "1",
            }
            begun = time.monotonic()
            process = subprocess.run(
                [*command, str(folder / suite / "suite.py")],
                cwd=work,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            seconds = time.monotonic() - begun
            # 0: all has passed; 1: not all.
            if process.returncode not in (0, 1) or not outcomes.exists():
                sys.exit(f"{suite} with {driver} has not run:\n{process.stdout}")
            return counted(suite, driver, seconds, json.loads(outcomes.read_text()))
    finally:
        cluster.stop()


def counted(suite: str, driver: str, seconds: float, outcomes: dict) -> Run:
    suite_run = Run(suite, outcomes["version"], driver, seconds)
    for test, (outcome, reason) in outcomes["tests"].items():
        if outcome == "passed":
            suite_run.passed += 1
        elif outcome == "failed":
            suite_run.failed[test] = reason
        elif EXCLUDED in reason:
            suite_run.excluded[reason.partition(EXCLUDED)[2]] += 1
        else:
            suite_run.skipped += 1
    return suite_run


def report(suite_run: Run) -> None:
    """What did not pass, and why."""
    print(f"{suite_run.suite} {suite_run.version} {suite_run.driver}")
    for reason, count in sorted(suite_run.excluded.items()):
        print(f"  excluded {count:>3}  {reason}")
    for test, reason in sorted(suite_run.failed.items()):
        causes = [line for line in reason.splitlines() if line.startswith("E ")]
        print(f"  failed {test.partition('::')[2]}: {causes[-1][1:].strip() if causes else reason[-200:]}"[:300])
    print()


if __name__ == "__main__":
    sys.exit(main())
