"""Runs the tests of the installed Tortoise, from its source distribution, on a local cluster.

    python tests/compliance/tortoise/run.py [asyncpg|psycopg ...] [-- arguments for pytest]

The distribution is fetched by pip and unpacked into a temporary folder. What its tests import is in requirements.txt;
what is left out, and why, in excluded.toml.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path

import tomllib
from dsql_orm import LocalCluster

HERE = Path(__file__).parent
# Of what is not excluded.
WANTED = 0.95


def main() -> int:
    arguments, more = sys.argv[1:], []
    if "--" in arguments:
        at = arguments.index("--")
        arguments, more = arguments[:at], arguments[at + 1 :]
    with tempfile.TemporaryDirectory() as folder:
        suite = unpacked(Path(folder))
        return max([run(driver, suite, more) for driver in arguments or ["asyncpg", "psycopg"]])


def unpacked(folder: Path) -> Path:
    wanted = f"tortoise-orm=={version('tortoise-orm')}"
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary=:all:", wanted, "-d", str(folder)],
        check=True,
    )
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    suite = folder / archive.name.removesuffix(".tar.gz")
    shutil.copy(HERE / "conftest_for_suite.py", suite / "conftest.py")
    (suite / "tests" / "backends" / "conftest.py").write_text("from conftest import fresh as db_isolated\n")
    return suite


def run(driver: str, suite: Path, more: list[str]) -> int:
    excluded = tomllib.loads((HERE / "excluded.toml").read_text())
    places = {place: reason for section in ("all", driver) for place, reason in excluded.get(section, {}).items()}
    listed = suite / "excluded.json"
    listed.write_text(json.dumps(places))
    cluster = LocalCluster(schema_conflicts=False)
    try:
        environment = {
            **os.environ,
            **{name: value for name, value in cluster.env.items() if not name.startswith("PG")},
            "PYTHONPATH": str(suite),
            "TORTOISE_SUITE_DRIVER": driver,
            "TORTOISE_SUITE_EXCLUDED": str(listed),
            "TORTOISE_TEST_DB": f"dsql+{driver}://admin@localhost:{cluster.port}/test_{{}}?region=us-east-1&sequence_cache=1",
        }
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs", "--tb=short", *more]
        lines: list[str] = []
        with subprocess.Popen(command, cwd=suite, env=environment, stdout=subprocess.PIPE, text=True) as tests:
            assert tests.stdout
            for line in tests.stdout:
                print(line, end="", flush=True)
                lines.append(line)
    finally:
        cluster.stop()
    return judged(driver, "".join(lines), len(places))


def judged(driver: str, output: str, excluded: int) -> int:
    summary = output.strip().splitlines()[-1]
    numbers = {
        what: int(number) for number, what in re.findall(r"(\d+) (passed|failed|error|skipped|xfailed)", summary)
    }
    bad = numbers.get("failed", 0) + numbers.get("error", 0)
    left_out = sum(int(number) for number in re.findall(r"^SKIPPED \[(\d+)\] .*: excluded: ", output, re.MULTILINE))
    run = numbers.get("passed", 0) + bad
    share = numbers.get("passed", 0) / run if run else 0.0
    print(
        f"{driver}: "
        f"{numbers.get('passed', 0)} of {run} passed ({share:.1%}); {left_out} excluded by {excluded} entries, "
        f"{numbers.get('skipped', 0) - left_out} skipped by the suite itself"
    )
    return 0 if share >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
