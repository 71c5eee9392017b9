"""Every setting, its default, and where a value came from: flag > environment > file > default.

One frozen object is made at the start of a command (or given to ``create_app``) and passed on;
nothing reads settings at import. The file is ``footnoted.toml`` in the working folder, or the
one that ``FOOTNOTED_CONFIG`` names. msgspec, not pydantic: docs/decisions/0015.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
import platformdirs
from msgspec import Meta, Struct, field
from msgspec.structs import FieldInfo

from footnoted.errors import InputError, UsageError

PREFIX = "FOOTNOTED_"
DEFAULT_MODEL = "all-MiniLM-L6-v2"
_CREDENTIALS = re.compile(r"//[^/\s]*@")
_SECRET = ("_token", "_key")
_TRUTH = {"1": True, "yes": True, "on": True, "0": False, "no": False, "off": False}


class Settings(Struct, frozen=True, kw_only=True):
    """What can be set, by ``FOOTNOTED_<NAME>``, ``footnoted.toml`` or a command's flag.

    Raises ``UsageError`` for a value of another type or outside its limits.
    """

    corpus: Annotated[str, Meta(description="The corpus of a command that names none.")] = "default"
    data_dir: Annotated[Path, Meta(description="Where named corpora are kept.")] = field(
        default_factory=lambda: platformdirs.user_data_path("footnoted")
    )
    cache_dir: Annotated[
        Path,
        Meta(description="Exported models, and the indexes of corpora that cannot be written."),
    ] = field(default_factory=lambda: platformdirs.user_cache_path("footnoted"))
    model: Annotated[
        str, Meta(description="The embedding model: a sentence-transformers name or folder.")
    ] = DEFAULT_MODEL
    threads: Annotated[
        int,
        Meta(
            description="Threads for the model; 0 leaves the choice to ONNX Runtime.", ge=0, le=256
        ),
    ] = 0
    precision: Annotated[
        Literal["int8", "float32"],
        Meta(
            description="How exactly the model computes on the CPU: int8 rounds its matrices, where"
            " that was measured to lose nothing; float32 is the model itself, and slower."
        ),
    ] = "int8"
    device: Annotated[
        str,
        Meta(
            description="Where the models run: cpu, cuda, cuda:1 or mps. Other than the cpu, they"
            " run in torch.",
            pattern="^(cpu|mps|cuda(:\\d+)?)$",
        ),
    ] = "cpu"
    reranker: Annotated[
        str,
        Meta(
            description="What ranks the best passages again: a cross-encoder by its name on the"
            " model hub or its folder, or `reader`: our own. Nothing does by default."
        ),
    ] = ""
    reader: Annotated[
        bool,
        Meta(
            description="Whether our own small reader reads the best passages with the question:"
            " better answers and refusals, and slower. Off is `ask --fast` always."
        ),
    ] = True
    vector_memory: Annotated[
        int,
        Meta(
            description="MB that the vectors of a corpus may take in memory; 0 sets no limit. Less"
            " makes their index smaller, and a little less exact.",
            ge=0,
        ),
    ] = 0
    milvus_uri: Annotated[
        str,
        Meta(
            description="A Milvus server, http://[user:password@]host:port, or a file of"
            " milvus-lite, that holds the indexes in place of files. docs/many-machines.md."
        ),
    ] = ""
    milvus_token: Annotated[
        str, Meta(description="The token of that Milvus server, if it wants one.")
    ] = ""
    llm_url: Annotated[
        str,
        Meta(
            description="An OpenAI-compatible chat endpoint that may phrase answers (ask --write):"
            " its base address, such as http://localhost:11434/v1."
        ),
    ] = ""
    llm_model: Annotated[str, Meta(description="The model that is asked there, by its name.")] = ""
    llm_key: Annotated[str, Meta(description="The key of that endpoint, if it wants one.")] = ""
    llm_seconds: Annotated[
        float,
        Meta(description="How long it may take to phrase one answer, in seconds.", gt=0, le=600),
    ] = 60.0
    dense_weight: Annotated[
        float,
        Meta(
            description="The share of the vectors in the fused score; the rest is BM25's.",
            ge=0,
            le=1,
        ),
    ] = 0.5
    passages: Annotated[
        int, Meta(description="How many passages an answer shows (-k).", ge=1, le=100)
    ] = 8
    refuse_below: Annotated[
        float,
        Meta(description="Answers with less confidence than this become refusals.", ge=0, le=1),
    ] = 0.1
    host: Annotated[str, Meta(description="The address on which `serve` listens.")] = "127.0.0.1"
    port: Annotated[
        int, Meta(description="The port of `serve`; 0 takes a free one.", ge=0, le=65535)
    ] = 8321
    allowed_hosts: Annotated[
        str,
        Meta(
            description="Names, separated by commas, under which `serve` may be reached besides"
            " this machine's own; * allows any."
        ),
    ] = ""
    workers: Annotated[
        int,
        Meta(description="How many processes `serve` answers with (--workers).", ge=1, le=64),
    ] = 1
    public_url: Annotated[
        str,
        Meta(
            description="The address under which people reach the server, such as"
            " https://answers.example.org: links that it gives to programs begin with it."
        ),
    ] = ""
    trusted_proxies: Annotated[
        str,
        Meta(
            description="Addresses of the proxies before the server, separated by commas: their"
            " X-Forwarded-For and X-Forwarded-Proto are believed."
        ),
    ] = ""
    state_dir: Annotated[
        Path,
        Meta(
            description="What servers keep and share: keys, jobs, researchers' notes, counts for"
            " rate limits and metrics."
        ),
    ] = field(default_factory=lambda: platformdirs.user_state_path("footnoted"))
    private: Annotated[
        bool,
        Meta(
            description="Whether every request needs a key; otherwise only those that change"
            " something do, and those that give a source's whole text."
        ),
    ] = False
    rate_limit: Annotated[
        int,
        Meta(
            description="Requests that one key, or one address without a key, may make in a"
            " minute; 0 sets no limit.",
            ge=0,
        ),
    ] = 0
    cors_origins: Annotated[
        str,
        Meta(
            description="Origins, separated by commas, whose pages may ask the API from a browser."
        ),
    ] = ""
    request_seconds: Annotated[
        float,
        Meta(
            description="How long a request may take, in seconds; then it ends with 503. More than"
            " llm_seconds, where a chat endpoint is set.",
            gt=0,
        ),
    ] = 90.0
    drain_seconds: Annotated[
        float,
        Meta(
            description="How long a server that is told to end (SIGTERM) still takes requests,"
            " while /readyz says 503: so long a load balancer may need to see it.",
            ge=0,
        ),
    ] = 1.0
    waiting: Annotated[
        int,
        Meta(
            description="How many requests of a worker may wait for a processor; more are turned"
            " away with 503 and told when to come back.",
            ge=1,
        ),
    ] = 64
    log_format: Annotated[
        Literal["text", "json"],
        Meta(description="How `serve` writes its log: lines to read, or one JSON object a line."),
    ] = "text"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="What `serve` logs; each request is one line at info."),
    ] = "warning"
    judge_ahead: Annotated[
        bool,
        Meta(
            description="Whether `serve`, while nobody asks, judges the article's claims against"
            " their sources, so that no answer waits for that."
        ),
    ] = True
    lock_wait: Annotated[
        float,
        Meta(
            description="Seconds that a second writer waits for the first; then it refuses.", ge=0
        ),
    ] = 0.0
    fetch: Annotated[
        bool, Meta(description="Whether `ingest` reads sources from the web at all.")
    ] = True
    fetch_allow: Annotated[
        str,
        Meta(
            description="Addresses that may be fetched although they are private or on another"
            " port: host:port or network/prefix:port, separated by commas. For tests and intranets."
        ),
    ] = ""
    proxy: Annotated[
        str,
        Meta(
            description="An HTTP proxy, http://[user:password@]host:port, that sources are read"
            " through by CONNECT. HTTP_PROXY and its like are not used."
        ),
    ] = ""
    contact: Annotated[
        str,
        Meta(
            description="An address or page, sent with every request, where a site's owner can"
            " reach whoever runs this."
        ),
    ] = ""
    jobs: Annotated[
        int,
        Meta(
            description="How many sources are fetched at once (--jobs); each may hold up to 30 MB.",
            ge=1,
            le=32,
        ),
    ] = 8
    pace: Annotated[
        float,
        Meta(
            description="Seconds between two requests to one host; robots.txt may ask more.", ge=0
        ),
    ] = 1.0
    fetch_seconds: Annotated[
        float,
        Meta(description="How long one address may take, redirects included, in seconds.", gt=0),
    ] = 60.0
    archive_url: Annotated[str, Meta(description="The web archive whose copies are read.")] = (
        "https://web.archive.org"
    )
    archive_api: Annotated[
        str, Meta(description="Where the web archive says which copies it has.")
    ] = "https://archive.org"
    max_article_mb: Annotated[
        int, Meta(description="The largest article or source file read, in MB.", ge=1)
    ] = 32

    def __post_init__(self) -> None:
        for name, info in setting_fields().items():
            _converted(info, getattr(self, name), strict=True)


def setting_fields() -> Mapping[str, FieldInfo]:
    """Every setting's type, limits and default, by its name, in the order of the class."""
    return {info.name: info for info in msgspec.structs.fields(Settings)}


def meaning(info: FieldInfo) -> str:
    """What a setting is, in the words of its declaration."""
    return next(part.description or "" for part in info.type.__metadata__)


def config_file() -> Path:
    """The settings file of this process, whether it exists or not."""
    return Path(os.environ.get(f"{PREFIX}CONFIG") or "footnoted.toml")


def load_settings(**flags: Any) -> Settings:
    """The settings of this process; ``flags`` that are ``None`` were not given.

    Raises ``InputError`` for a file that is not TOML, ``UsageError`` for a wrong value or for a
    setting that does not exist.
    """
    values = _file_values() | _environment_values()
    values |= {name: value for name, value in flags.items() if value is not None}
    known = setting_fields()
    for name, value in values.items():
        if name not in known:
            raise _refused(name, value, "there is no such setting")
    return Settings(**{name: _converted(known[name], value) for name, value in values.items()})


def _file_values() -> dict[str, Any]:
    path = config_file()
    try:
        return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise InputError(
            f"The settings file {path} cannot be read: {error}.",
            about=str(path),
            hint="Mend it, or name another one in FOOTNOTED_CONFIG.",
        ) from error


def _environment_values() -> dict[str, str]:
    """The settings that the environment gives; an empty variable gives none."""
    named = {name: os.environ.get(PREFIX + name.upper()) for name in setting_fields()}
    return {name: value for name, value in named.items() if value}


def _converted(info: FieldInfo, value: Any, *, strict: bool = False) -> Any:
    """``value`` as the setting's type; unless ``strict``, numbers and truth may be words."""
    if not strict and isinstance(value, str) and info.type.__origin__ is bool:
        value = _TRUTH.get(value.lower(), value)
    try:
        return msgspec.convert(
            value, info.type, strict=strict, dec_hook=lambda kind, given: kind(given)
        )
    except (msgspec.ValidationError, TypeError) as error:
        raise _refused(info.name, value, str(error)) from error


def _refused(name: str, value: object, why: str) -> UsageError:
    shown = "what is given" if name.endswith(_SECRET) else repr(value)
    return UsageError(
        f"The setting {name} cannot be {shown}: {why}.",
        about=name,
        hint="`footnoted settings` lists every setting, its value and where it came from.",
    )


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
    in_environment, in_file = _environment_values(), _file_values()
    rows = []
    for name, info in setting_fields().items():
        if name in flags:
            source = "flag"
        elif name in in_environment:
            source = PREFIX + name.upper()
        elif name in in_file:
            source = str(config_file())
        else:
            source = "default"
        value = _without_secrets(name, str(getattr(settings, name)))
        rows.append(Explained(name, value, source, meaning(info)))
    return rows


def _without_secrets(name: str, value: str) -> str:
    if name.endswith(_SECRET):
        return "***" if value else ""
    return _CREDENTIALS.sub("//***@", value)
