"""Looks at the status page with a real browser, driven by WebDriver, while psql works on the cluster.

Run by `cargo xtask test status`, which starts a cluster around it. With DSQL_SCREENSHOTS it leaves pictures in that folder.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

PATIENCE = 20.0
# Whatever proxy the environment names, nothing here goes beyond loopback.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
HOSTILE = "SELECT '<script>window.hacked = 1</script><img src=x onerror=\"window.hacked = 2\">' FROM nowhere"
OPTIONS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1280,1500", "--host-resolver-rules=MAP evil.example 127.0.0.1",
]


class Browser:
    """A Chromium, by the wire protocol of WebDriver."""

    def __init__(self, profile: str) -> None:
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.driver.stdout
        begun = "started successfully on port "
        port = next(line.split(begun)[1].rstrip(".\n") for line in self.driver.stdout if begun in line)
        self.base = f"http://127.0.0.1:{port}"
        chrome = {"args": [*OPTIONS, f"--user-data-dir={profile}"]}
        wanted = {"goog:chromeOptions": chrome, "goog:loggingPrefs": {"browser": "ALL"}}
        session = self.ask("/session", {"capabilities": {"alwaysMatch": wanted}})
        self.base += f"/session/{session['sessionId']}"

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"})
        try:
            with OPENER.open(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read().decode()) from error

    def open(self, url: str) -> None:
        self.ask("/url", {"url": url})

    def run(self, script: str) -> Any:
        return self.ask("/execute/sync", {"script": script, "args": []})

    def text(self, selector: str) -> str:
        return str(self.run(f"return document.querySelector('{selector}').innerText"))

    def picture(self, name: str) -> None:
        folder = os.environ.get("DSQL_SCREENSHOTS")
        if folder:
            Path(folder, name).write_bytes(base64.b64decode(self.ask("/screenshot")))

    def theme(self, name: str) -> None:
        media = {"features": [{"name": "prefers-color-scheme", "value": name}]}
        self.ask("/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": media})

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.ask("/se/log", {"type": "browser"})]

    def close(self) -> None:
        try:
            OPENER.open(urllib.request.Request(self.base, method="DELETE"), timeout=30).close()
        finally:
            self.driver.terminate()
            self.driver.wait()


class Psql:
    """A psql that stays connected under a name."""

    def __init__(self, name: str) -> None:
        self.process = subprocess.Popen(
            ["psql", "-qAtX"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=os.environ | {"PGAPPNAME": name},
        )

    def say(self, *statements: str) -> list[str]:
        """What it answers, errors too."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write("".join(f"{sql};\n" for sql in statements) + "\\echo --done--\n")
        self.process.stdin.flush()
        said: list[str] = []
        for line in self.process.stdout:
            if line == "--done--\n":
                return said
            said.append(line.rstrip("\n"))
        raise RuntimeError(f"psql has ended: {said}")

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


def until(what: str, holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: it did not come about in {PATIENCE:.0f} s")
        time.sleep(0.05)


def shows(browser: Browser, selector: str, *wanted: str) -> None:
    """Waits until the page, which is never loaded again, shows all of it."""
    def seen() -> bool:
        shown = browser.text(selector)
        return all(text in shown for text in wanted)
    try:
        until(f"{selector} shows {wanted}", seen)
    except AssertionError as error:
        raise AssertionError(f"{error}; it shows:\n{browser.text(selector)}") from None


def look(browser: Browser, url: str) -> None:
    browser.open(url)
    shows(browser, "#live", "live")
    shows(browser, "#sessions", "Nobody is connected.")
    shows(browser, "#conflicts", "Nobody has lost to another transaction.")

    teller, auditor = Psql("teller"), Psql("auditor")
    teller.say(
        "CREATE TABLE account (id int PRIMARY KEY, owner text, balance int NOT NULL)",
        "INSERT INTO account SELECT n, 'owner ' || n, 100 FROM generate_series(1, 20) n",
    )
    auditor.say("SELECT 1")
    shows(browser, "#sessions", "teller", "auditor", "admin", "idle")
    for n in range(2):
        for psql in (teller, auditor):
            psql.say("BEGIN", f"UPDATE account SET balance = balance - {n + 1} WHERE id = 7")
        shows(browser, "#transactions", "teller", "auditor", "write", "idle in transaction")
        auditor.say("COMMIT")
        (lost,) = teller.say("COMMIT")
        assert "(OC000)" in lost, lost
    shows(browser, "#conflicts", "public.account", "7", "teller", "auditor", "WHERE id = 7")
    shows(browser, "#conflicts h2 span", "2")
    shows(browser, "#transactions", "No transaction is open.")

    teller.say("TRUNCATE account", "TRUNCATE account", HOSTILE)
    shows(browser, "#refused", "0A000", "unsupported statement: Truncate", "truncate", "42P01", HOSTILE)
    assert browser.run("return [window.hacked ?? null, document.images.length, document.scripts.length]") == [None, 0, 1]
    teller.say("INSERT INTO account SELECT n, 'x', 1 FROM generate_series(1000, 5000) n")
    shows(browser, "#limits", "54000", "transaction row limit exceeded", "row_limit")
    (job,) = teller.say("CREATE INDEX ASYNC ON account (owner)")
    shows(browser, "#jobs", job, "INDEX_BUILD", "account_owner_idx", "completed")
    auditor.say("SELECT 1")
    shows(browser, "#refused", "schema has been updated by another transaction (OC001)", "auditor")

    auditor.say("BEGIN", "UPDATE account SET balance = 0 WHERE id < 6")
    shows(browser, "#transactions", "auditor", "5")
    for theme in ("light", "dark"):
        browser.theme(theme)
        browser.picture(f"status-{theme}.png")
    auditor.close()
    teller.close()
    shows(browser, "#sessions", "Nobody is connected.")

    resources = browser.run("return performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert resources and all(name == url + "status.json" for name in resources), set(resources)
    complaints = browser.complaints()
    assert not complaints, complaints
    # A name of another site that was made to lead here.
    browser.open(url.replace("localhost", "evil.example"))
    assert "for this machine only" in browser.text("body"), browser.text("body")


def main() -> None:
    url = os.environ["DSQL_STATUS_URL"]
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(profile)
        try:
            look(browser, url)
        finally:
            browser.close()
    print("the status page shows what it should")


if __name__ == "__main__":
    sys.exit(main())
