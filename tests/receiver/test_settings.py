"""The settings: defaults fit for trying things out, and one line for whatever is wrong."""

from pathlib import Path

import pytest

from receiver.errors import ConfigError
from receiver.settings import Settings, read_secret, read_secrets, read_settings, read_variable


def test_everything_has_a_default() -> None:
    settings = read_settings({})

    assert settings == Settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)


def test_every_variable_is_read() -> None:
    settings = read_settings(
        {
            "DATABASE_URL": "sqlite:///elsewhere.db",
            "PORT": "0",
            "RECEIVER_HOST": "::1",
            "RECEIVER_CONFIG": "other.yaml",
            "RECEIVER_ADMIN_TOKEN": "open sesame",
            "RECEIVER_SECRET_KEY": "k" * 32,
            "RECEIVER_SECRET_KEY_PREVIOUS": "p" * 32,
            "RECEIVER_PUBLIC_URL": "https://relay.example.com/",
            "RECEIVER_SHUTDOWN_S": "25",
            "RECEIVER_WORKER": "off",
            "RECEIVER_WORKER_PORT": "9100",
            "RECEIVER_TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.7",
        }
    )

    assert settings == Settings(
        database_url="sqlite:///elsewhere.db",
        host="::1",
        port=0,
        config_file=Path("other.yaml"),
        admin_token="open sesame",
        secret_key="k" * 32,
        secret_key_previous="p" * 32,
        public_url="https://relay.example.com",
        shutdown_s=25,
        has_worker=False,
        worker_port=9100,
        trusted_proxies=("10.0.0.0/8", "192.0.2.7"),
    )


def test_a_port_from_the_platform_is_served_to_the_outside() -> None:
    assert read_settings({"PORT": "5000"}).host == "0.0.0.0"  # noqa: S104


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("RECEIVER_SHUTDOWN_S", "ten", "RECEIVER_SHUTDOWN_S is 'ten'; give a whole number from 1 to 600."),
        ("RECEIVER_SHUTDOWN_S", "0", "RECEIVER_SHUTDOWN_S is '0'; give a whole number from 1 to 600."),
        ("PORT", "65536", "PORT is '65536'; give a whole number from 0 to 65535."),
        ("PORT", "-1", "PORT is '-1'; give a whole number from 0 to 65535."),
        ("PORT", "٣", "PORT is '٣'; give a whole number from 0 to 65535."),
        ("RECEIVER_WORKER_PORT", "on", "RECEIVER_WORKER_PORT is 'on'; give a whole number from 0 to 65535."),
        ("RECEIVER_WORKER", "maybe", "RECEIVER_WORKER is 'maybe'; give on or off."),
        ("RECEIVER_SECRET_KEY", "short", "RECEIVER_SECRET_KEY has 5 characters; give at least 16 random ones."),
        (
            "RECEIVER_TRUSTED_PROXIES",
            "*",
            "RECEIVER_TRUSTED_PROXIES names '*'; give addresses or networks such as 10.0.0.0/8, by commas.",
        ),
    ],
)
def test_an_odd_value_is_one_line_that_says_what_to_give(name: str, value: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_settings({name: value})

    assert str(refused.value) == message


@pytest.mark.parametrize("value", ["relay.internal", "ftp://relay", "https://me:pw@relay", "http://[", "http://a b"])
def test_a_public_url_is_an_http_url_without_credentials(value: str) -> None:
    with pytest.raises(ConfigError, match="RECEIVER_PUBLIC_URL is no http or https URL") as refused:
        read_settings({"RECEIVER_PUBLIC_URL": value})

    assert value not in str(refused.value)


def test_no_secret_shows_in_the_settings() -> None:
    settings = read_settings({"RECEIVER_ADMIN_TOKEN": "canary-1", "RECEIVER_SECRET_KEY": "canary-2-canary-2"})

    assert "canary" not in repr(settings)


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"], ids=["none", "newline", "crlf"])
def test_a_secret_is_read_from_the_file_that_its_variable_names(tmp_path: Path, ending: str) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b"from a file" + ending.encode())

    assert read_secret({"CI_WEBHOOK_SECRET_FILE": str(file)}, "CI_WEBHOOK_SECRET") == "from a file"


def test_a_secret_has_one_home(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="S and S_FILE are both set; keep one of them"):
        read_variable({"S": "one", "S_FILE": str(tmp_path / "s")}, "S")


@pytest.mark.parametrize(
    ("content", "reason"), [(b"\n", "is empty"), (b"\xff", "not UTF-8 text")], ids=["empty", "binary"]
)
def test_a_secret_file_without_a_secret_is_named(tmp_path: Path, content: bytes, reason: str) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content)

    with pytest.raises(ConfigError, match=f"S_FILE is .*{reason}"):
        read_variable({"S_FILE": str(file)}, "S")


def test_a_secret_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"S_FILE is .*No such file or directory"):
        read_variable({"S_FILE": str(tmp_path / "secret")}, "S")


@pytest.mark.parametrize("value", ["pässword", "two\nlines", " padded", "tab\t", "\x7f"])
def test_a_secret_is_printable_ascii(value: str) -> None:
    with pytest.raises(ConfigError, match="S holds characters that a header cannot carry") as refused:
        read_secret({"S": value}, "S")

    assert value not in str(refused.value)


def test_secrets_that_are_not_set_are_left_out() -> None:
    assert read_secrets({"A": "one", "B": ""}, ["A", "B", "C"]) == {"A": "one"}
