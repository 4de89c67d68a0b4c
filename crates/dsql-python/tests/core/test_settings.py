"""Settings and tokens."""

from __future__ import annotations

import multiprocessing
import pickle
import threading
import time
from typing import Any

import pytest
from dsql_orm import CredentialsError, Settings, SettingsError, _driver

HOST = "abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws"


def keys() -> tuple[str, str, str | None, float | None]:
    return "AKIDEXAMPLE", "secret", None, None


def test_a_clusters_identifier_and_a_region_will_do_for_a_host() -> None:
    settings = Settings(host="abcdefghijklmnopqrstuvwxyz", region="eu-west-1")
    assert settings.host == "abcdefghijklmnopqrstuvwxyz.dsql.eu-west-1.on.aws"


def test_any_other_host_is_taken_as_it_is() -> None:
    assert Settings(host="db.example.com", region="eu-west-1").host == "db.example.com"


def test_what_is_given_beside_the_url_wins() -> None:
    settings = Settings(f"dsql://admin@{HOST}/postgres", user="clinic", port=5433)
    assert (settings.user, settings.port, settings.host) == ("clinic", 5433, HOST)


def test_without_a_host_dsql_url_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSQL_URL", f"dsql://clinic@{HOST}/postgres")
    assert Settings().user == "clinic"


def test_without_a_host_and_a_url_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DSQL_URL", raising=False)
    with pytest.raises(SettingsError, match="DSQL_URL is not set"):
        Settings()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"sslmode": "prefer"}, "verify-full, verify-ca or require"),
        ({"url": f"dsql://admin:secret@{HOST}/postgres"}, "IAM token"),
        ({"url": f"dsql://admin@{HOST}/postgres?regoin=us-east-1"}, "did you mean `region`"),
        ({"host": "db.example.com"}, "AWS region"),
        ({"host": HOST, "sslrootcert": "/nowhere/ca.pem"}, "/nowhere/ca.pem"),
    ],
)
def test_what_cannot_be_used_is_named(
    given: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "DSQL_CA_CERT", "PGSSLROOTCERT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    def use() -> None:
        settings = Settings(**given, credentials=keys)
        _driver.libpq(settings, orm="test", driver="psycopg", libpq_version=170000)

    with pytest.raises(SettingsError, match=said) as raised:
        use()
    assert "secret" not in str(raised.value)


def test_a_token_is_signed_with_the_credentials_of_a_callable() -> None:
    token = Settings(host=HOST, credentials=keys).token()
    assert token.startswith(f"{HOST}/?Action=DbConnectAdmin&")
    assert "AKIDEXAMPLE" in token


def test_who_is_not_admin_asks_for_another_action() -> None:
    assert "Action=DbConnect&" in Settings(host=HOST, user="clinic", credentials=keys).token()


def test_a_token_is_kept_and_a_kept_one_costs_nothing() -> None:
    asked: list[int] = []

    def ask() -> tuple[str, str, str | None, float | None]:
        asked.append(1)
        return keys()

    settings = Settings(host=HOST, credentials=ask)
    assert settings.kept_token() is None
    tokens = {settings.token() for _ in range(100)}
    assert len(tokens) == 1
    assert settings.kept_token() in tokens
    assert len(asked) <= 2


def test_credentials_about_to_end_are_asked_for_again() -> None:
    asked: list[int] = []

    def ask() -> tuple[str, str, str | None, float | None]:
        asked.append(1)
        return "AKIDEXAMPLE", "secret", "session", time.time() + 30

    settings = Settings(host=HOST, credentials=ask)
    settings.token()
    time.sleep(1.1)  # They are left alone for a second.
    before = len(asked)
    settings.token()
    assert len(asked) > before


def test_credentials_that_cannot_be_had_are_an_error_that_says_so() -> None:
    def ask() -> tuple[str, str, str | None, float | None]:
        raise RuntimeError("the vault is closed")

    with pytest.raises(CredentialsError, match="the vault is closed"):
        Settings(host=HOST, credentials=ask).token()


def test_a_secret_is_in_no_text() -> None:
    settings = Settings(host=HOST, password="s3cret-token")
    assert "s3cret" not in repr(settings) + str(settings)
    assert settings.token() == "s3cret-token"


def test_a_provider_as_botocore_has_them_is_asked() -> None:
    class Frozen:
        access_key, secret_key, token = "AKIDEXAMPLE", "secret", None

    class Loaded:
        def get_frozen_credentials(self) -> Frozen:
            return Frozen()

    class Provider:
        def load(self) -> Loaded:
            return Loaded()

    settings = Settings(host=HOST, credentials=_driver.credentials_of(Provider()))
    assert "AKIDEXAMPLE" in settings.token()


def test_what_is_no_provider_is_told_so() -> None:
    with pytest.raises(SettingsError, match="load"):
        _driver.credentials_of(object())


def sign_in_child(settings: Settings, answers: Any) -> None:
    answers.put(settings.token())


def test_a_forked_child_signs_too() -> None:
    settings = Settings(host=HOST, credentials=keys)
    settings.token()
    fork = multiprocessing.get_context("fork")
    answers = fork.SimpleQueue()
    child = fork.Process(target=sign_in_child, args=(settings, answers))
    child.start()
    assert answers.get().startswith(HOST)
    child.join(10)
    assert child.exitcode == 0


def test_other_threads_run_while_credentials_are_waited_for() -> None:
    asked, answer = threading.Event(), threading.Event()

    def ask() -> tuple[str, str, str | None, float | None]:
        asked.set()
        assert answer.wait(10)
        return keys()

    settings = Settings(host=HOST, credentials=ask)
    tokens: list[str] = []
    thread = threading.Thread(target=lambda: tokens.append(settings.token()))
    thread.start()
    assert asked.wait(10)
    answer.set()
    thread.join(10)
    assert tokens


def test_settings_are_not_pickled_by_mistake() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Settings(host=HOST, password="s3cret-token"))
