"""What the environment tells the publisher."""

from pathlib import Path

import pytest

from publisher.errors import UsageError
from publisher.settings import NAMES, Settings, read_settings

SETTINGS_PAGE = Path(__file__).parents[2] / "docs" / "settings-publisher.md"


def test_nothing_has_to_be_set() -> None:
    assert read_settings({}) == Settings()


@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for key, names in NAMES.items() for name in names if not key.endswith("url")]
)
def test_every_name_is_read(name: str, key: str) -> None:
    settings = read_settings({name: "some-value"})

    assert getattr(settings, key) == "some-value"


def test_our_own_name_comes_before_that_of_the_platform() -> None:
    settings = read_settings({"GENESYSCLOUD_OAUTHCLIENT_ID": "theirs", "GENESYS_CLIENT_ID": "ours"})

    assert settings.client_id == "ours"


def test_an_empty_variable_is_an_unset_one() -> None:
    settings = read_settings({"GENESYS_CLIENT_ID": "", "GENESYSCLOUD_OAUTHCLIENT_ID": "theirs"})

    assert settings.client_id == "theirs"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("GENESYS_CLIENT_SECRET", "client_secret"),
        ("GENESYSCLOUD_OAUTHCLIENT_SECRET", "client_secret"),
        ("CI_WEBHOOK_SECRET", "webhook_secret"),
    ],
)
def test_a_secret_can_come_from_a_file_without_its_line_end(name: str, key: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("p4ssword\r\n")

    settings = read_settings({f"{name}_FILE": str(file)})

    assert getattr(settings, key) == "p4ssword"


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "is empty"), (b"\n", "is empty"), (b"\xff\xfe", "not UTF-8 text")],
    ids=["empty", "only a line end", "binary"],
)
def test_an_unusable_secret_file_is_named(content: bytes, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content)

    with pytest.raises(UsageError, match=f"CI_WEBHOOK_SECRET_FILE is .*{reason}"):
        read_settings({"CI_WEBHOOK_SECRET_FILE": str(file)})


def test_an_absent_secret_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"CI_WEBHOOK_SECRET_FILE is .*No such file"):
        read_settings({"CI_WEBHOOK_SECRET_FILE": str(tmp_path / "absent")})


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    environ = {"GENESYS_CLIENT_SECRET": "one", "GENESYS_CLIENT_SECRET_FILE": str(tmp_path / "two")}

    with pytest.raises(UsageError, match="both set"):
        read_settings(environ)


@pytest.mark.parametrize("text", ["relay.example.com", "ftp://relay", "http://", "http://a:b", "http://a b/", "/hook"])
@pytest.mark.parametrize("name", ["GENESYS_API_URL", "GENESYS_TOKEN_URL", "CI_WEBHOOK_URL"])
def test_what_is_no_whole_url_is_refused(name: str, text: str) -> None:
    with pytest.raises(UsageError, match=f"{name} is .*give a whole URL"):
        read_settings({name: text})


@pytest.mark.parametrize("rest", ["relay.example.com/webhooks/genesys", "relay.example.com:none/", "two words/", ""])
def test_a_password_in_a_url_is_refused_without_being_shown(rest: str) -> None:
    with pytest.raises(UsageError, match="CI_WEBHOOK_URL") as refusal:
        read_settings({"CI_WEBHOOK_URL": f"https://me:hunter2@{rest}"})

    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("secret", ["schlüssel", "two\nlines", " space around "])
def test_a_secret_that_no_header_can_carry_is_refused_without_being_shown(secret: str) -> None:
    with pytest.raises(UsageError, match="CI_WEBHOOK_SECRET holds characters") as refusal:
        read_settings({"CI_WEBHOOK_SECRET": secret})

    assert secret not in str(refusal.value)


def test_the_webhook_secret_can_have_another_name() -> None:
    settings = read_settings({"RELAY_SECRET": "abc"}, webhook_secret="RELAY_SECRET")

    assert settings.webhook_secret == "abc"


@pytest.mark.parametrize("text", ["two\nlines", "x" * 201])
def test_a_governance_id_is_one_short_line(text: str) -> None:
    with pytest.raises(UsageError, match="GOVERNANCE_ID"):
        read_settings({"GOVERNANCE_ID": text})


def test_missing_credentials_name_every_way_to_give_them() -> None:
    with pytest.raises(UsageError) as refusal:
        read_settings({}).credentials()

    assert str(refusal.value).splitlines() == [
        "GENESYS_CLIENT_ID is not set. Set it, or GENESYS_CLIENT_ID_FILE to the path of a file that holds it."
        " GENESYSCLOUD_OAUTHCLIENT_ID works too.",
        "GENESYS_CLIENT_SECRET is not set. Set it, or GENESYS_CLIENT_SECRET_FILE to the path of a file that holds it."
        " GENESYSCLOUD_OAUTHCLIENT_SECRET works too.",
    ]


def test_only_the_missing_half_of_the_credentials_is_named() -> None:
    with pytest.raises(UsageError) as refusal:
        read_settings({"GENESYS_CLIENT_ID": "abc"}).credentials()

    assert "GENESYS_CLIENT_ID " not in str(refusal.value)


def test_secrets_are_not_shown_by_repr() -> None:
    settings = read_settings({"GENESYS_CLIENT_SECRET": "hunter2", "CI_WEBHOOK_SECRET": "hunter3"})

    assert "hunter" not in repr(settings)


@pytest.mark.parametrize("name", [name for names in NAMES.values() for name in names] + ["CI_WEBHOOK_SECRET"])
def test_every_setting_is_in_the_docs(name: str) -> None:
    assert f"`{name}`" in SETTINGS_PAGE.read_text()
