"""Every setting, its default, and where a value came from: flag > environment > file > default.

One frozen object is made at the start of a command (or given to ``create_app``) and passed on;
nothing reads settings at import. The file is ``footnoted.toml`` in the working folder, or the
one that ``FOOTNOTED_CONFIG`` names.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any, Literal, NamedTuple

import platformdirs
from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from footnoted.errors import InputError, UsageError

PREFIX = "FOOTNOTED_"
DEFAULT_MODEL = "all-MiniLM-L6-v2"
_CREDENTIALS = re.compile(r"//[^/\s]*@")


class Settings(BaseSettings):
    """What can be set, by ``FOOTNOTED_<NAME>``, ``footnoted.toml`` or a command's flag."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", env_ignore_empty=True
    )

    corpus: str = Field("default", description="The corpus of a command that names none.")
    data_dir: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("footnoted"),
        description="Where named corpora are kept.",
    )
    cache_dir: Path = Field(
        default_factory=lambda: platformdirs.user_cache_path("footnoted"),
        description="Exported models, and the indexes of corpora that cannot be written.",
    )
    model: str = Field(
        DEFAULT_MODEL,
        description="The embedding model: a sentence-transformers name or folder.",
    )
    threads: int = Field(
        0, ge=0, le=256, description="Threads for the model; 0 leaves the choice to ONNX Runtime."
    )
    precision: Literal["int8", "float32"] = Field(
        "int8",
        description="How exactly the model computes on the CPU: int8 rounds its matrices, where"
        " that was measured to lose nothing; float32 is the model itself, and slower.",
    )
    device: str = Field(
        "cpu",
        pattern=r"^(cpu|mps|cuda(:\d+)?)$",
        description="Where the models run: cpu, cuda, cuda:1 or mps. Other than the cpu, they run"
        " in torch.",
    )
    reranker: str = Field(
        "",
        description="A cross-encoder that reads the best passages again: a name on the model hub or"
        " a folder. None by default.",
    )
    vector_memory: int = Field(
        0,
        ge=0,
        description="MB that the vectors of a corpus may take in memory; 0 sets no limit. Less"
        " makes their index smaller, and a little less exact.",
    )
    milvus_uri: str = Field(
        "",
        description="A Milvus server, http://[user:password@]host:port, or a file of milvus-lite,"
        " that holds the indexes in place of files. docs/many-machines.md.",
    )
    milvus_token: str = Field("", description="The token of that Milvus server, if it wants one.")
    dense_weight: float = Field(
        0.5,
        ge=0,
        le=1,
        description="The share of the vectors in the fused score; the rest is BM25's.",
    )
    passages: int = Field(8, ge=1, le=100, description="How many passages an answer shows (-k).")
    refuse_below: float = Field(
        0.17, ge=0, le=1, description="Answers with less confidence than this become refusals."
    )
    host: str = Field("127.0.0.1", description="The address on which `serve` listens.")
    port: int = Field(8321, ge=0, le=65535, description="The port of `serve`; 0 takes a free one.")
    allowed_hosts: str = Field(
        "",
        description="Names, separated by commas, under which `serve` may be reached besides"
        " this machine's own; * allows any.",
    )
    lock_wait: float = Field(
        0.0, ge=0, description="Seconds that a second writer waits for the first; then it refuses."
    )
    fetch: bool = Field(True, description="Whether `ingest` reads sources from the web at all.")
    fetch_allow: str = Field(
        "",
        description="Addresses that may be fetched although they are private or on another port:"
        " host:port or network/prefix:port, separated by commas. For tests and intranets.",
    )
    proxy: str = Field(
        "",
        description="An HTTP proxy, http://[user:password@]host:port, that sources are read"
        " through by CONNECT. HTTP_PROXY and its like are not used.",
    )
    contact: str = Field(
        "",
        description="An address or page, sent with every request, where a site's owner can reach"
        " whoever runs this.",
    )
    jobs: int = Field(
        8,
        ge=1,
        le=32,
        description="How many sources are fetched at once (--jobs); each may hold up to 30 MB.",
    )
    pace: float = Field(
        1.0, ge=0, description="Seconds between two requests to one host; robots.txt may ask more."
    )
    fetch_seconds: float = Field(
        60.0, gt=0, description="How long one address may take, redirects included, in seconds."
    )
    archive_url: str = Field(
        "https://web.archive.org", description="The web archive whose copies are read."
    )
    archive_api: str = Field(
        "https://archive.org", description="Where the web archive says which copies it has."
    )
    max_article_mb: int = Field(
        32, ge=1, description="The largest article or source file read, in MB."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (
            init_settings,
            env_settings,
            TomlConfigSettingsSource(settings_cls, toml_file=config_file()),
        )


def config_file() -> Path:
    """The settings file of this process, whether it exists or not."""
    return Path(os.environ.get(f"{PREFIX}CONFIG") or "footnoted.toml")


def load_settings(**flags: Any) -> Settings:
    """The settings of this process; ``flags`` that are ``None`` were not given.

    Raises ``InputError`` for a file that is not TOML, ``UsageError`` for a wrong value.
    """
    path = config_file()
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"]) or "?"
        raise UsageError(
            f"The setting {name} cannot be {first.get('input')!r}: {first['msg']}.",
            about=name,
            hint="`footnoted settings` lists every setting, its value and where it came from.",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise InputError(
            f"The settings file {path} cannot be read: {error}.",
            about=str(path),
            hint="Mend it, or name another one in FOOTNOTED_CONFIG.",
        ) from error


class Explained(NamedTuple):
    """A setting, its value as text, where that came from, and what the setting is."""

    name: str
    value: str
    source: str
    meaning: str


def explain(settings: Settings, flags: frozenset[str] = frozenset()) -> list[Explained]:
    """Every setting of ``settings``, without credentials.

    ``flags`` are the names that the command line gave.
    """
    path = config_file()
    in_file = set(tomllib.loads(path.read_text("utf-8"))) if path.is_file() else set()
    rows = []
    for name, info in type(settings).model_fields.items():
        if name in flags:
            source = "flag"
        elif os.environ.get(f"{PREFIX}{name.upper()}"):
            source = f"{PREFIX}{name.upper()}"
        elif name in in_file:
            source = str(path)
        else:
            source = "default"
        value = _without_secrets(name, str(getattr(settings, name)))
        rows.append(Explained(name, value, source, info.description or ""))
    return rows


def _without_secrets(name: str, value: str) -> str:
    if name.endswith("_token"):
        return "***" if value else ""
    return _CREDENTIALS.sub("//***@", value)
