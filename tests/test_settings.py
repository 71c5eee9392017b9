"""Flag > environment > file > default, and clear words for what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from footnoted.errors import InputError, UsageError
from footnoted.settings import Settings, explain, load_settings, setting_fields


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in setting_fields():
        monkeypatch.delenv(f"FOOTNOTED_{name.upper()}", raising=False)
    monkeypatch.delenv("FOOTNOTED_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)


def test_each_source_wins_over_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().port == 8321
    Path("footnoted.toml").write_text("port = 1001\nhost = '127.0.0.2'\n", "utf-8")
    assert load_settings().port == 1001
    monkeypatch.setenv("FOOTNOTED_PORT", "1002")
    assert load_settings().port == 1002
    assert load_settings(port=1003, host=None).port == 1003
    assert load_settings(port=1003, host=None).host == "127.0.0.2"


def test_explain_says_where_each_value_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("footnoted.toml").write_text("port = 1001\n", "utf-8")
    monkeypatch.setenv("FOOTNOTED_HOST", "::1")
    rows = {row.name: row for row in explain(load_settings(model="m"), frozenset({"model"}))}
    assert rows["port"][1:3] == ("1001", "footnoted.toml")
    assert rows["host"][1:3] == ("::1", "FOOTNOTED_HOST")
    assert rows["model"][1:3] == ("m", "flag")
    assert rows["threads"].source == "default"
    assert all(row.meaning for row in rows.values())


def test_explain_shows_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTED_PROXY", "http://ann:s3cret@proxy.example:3128")
    monkeypatch.setenv("FOOTNOTED_MILVUS_URI", "https://s3cret@milvus.example:19530/db")
    monkeypatch.setenv("FOOTNOTED_MILVUS_TOKEN", "s3cret")
    monkeypatch.setenv("FOOTNOTED_LLM_KEY", "s3cret")
    values = {row.name: row.value for row in explain(load_settings())}
    assert values["llm_key"] == "***"
    assert values["proxy"] == "http://***@proxy.example:3128"
    assert values["milvus_uri"] == "https://***@milvus.example:19530/db"
    assert values["milvus_token"] == "***"
    assert values["archive_url"] == "https://web.archive.org"


def test_a_wrong_secret_is_named_and_not_shown() -> None:
    Path("footnoted.toml").write_text("llm_key = 51234\n", "utf-8")
    with pytest.raises(UsageError, match="llm_key cannot be what is given") as caught:
        load_settings()
    assert "51234" not in str(caught.value)


def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTED_PORT", "many")
    with pytest.raises(UsageError, match="port cannot be 'many'") as caught:
        load_settings()
    assert caught.value.about == "port"


def test_an_unknown_setting_in_the_file_is_named() -> None:
    Path("footnoted.toml").write_text("prot = 1\n", "utf-8")
    with pytest.raises(UsageError, match="prot"):
        load_settings()


def test_a_broken_file_is_named() -> None:
    Path("footnoted.toml").write_text("port = \n", "utf-8")
    with pytest.raises(InputError, match=r"footnoted\.toml"):
        load_settings()


def test_settings_never_change() -> None:
    settings = load_settings()
    with pytest.raises(AttributeError, match="immutable"):
        settings.port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value"),
    [("threads", -1), ("threads", "4"), ("fetch", "no"), ("precision", "int4"), ("data_dir", 1)],
)
def test_settings_made_in_code_are_checked_too(name: str, value: object) -> None:
    with pytest.raises(UsageError, match=f"setting {name} cannot be"):
        Settings(**{name: value})


@pytest.mark.parametrize("word", ["no", "Off", "0", "false", "False"])
def test_a_switch_may_be_a_word(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("FOOTNOTED_FETCH", word)
    assert load_settings().fetch is False


def test_an_empty_variable_gives_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTED_PORT", "")
    assert load_settings().port == 8321


def test_words_become_numbers_and_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTED_PACE", "0.5")
    monkeypatch.setenv("FOOTNOTED_DATA_DIR", "there")
    assert load_settings(threads="2").pace == 0.5
    assert load_settings(threads="2").data_dir == Path("there")
    assert load_settings(threads="2").threads == 2
