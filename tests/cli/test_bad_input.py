"""Every kind of bad input: its exit code, its words, and that nothing is lost by it."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from types import ModuleType

import pytest

from footnoted.__main__ import start

ARTICLE = Path(__file__).parents[1] / "fixtures" / "articles" / "lighthouse.txt"
NO_REFERENCES = "A light\n\nA light stands on a rock. It has no notes at all.\n"


def files(folder: Path) -> dict[str, bytes]:
    """Everything below ``folder`` but the lock files."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(".lock")
    }


ARTICLES = {
    "empty": (b"", "is empty"),
    "blank": (b"\n \n\t", "is empty"),
    "zeroes": (b"Grennock Light\x00\x01\x02\n", "byte 14 is NUL"),
    "picture": (b"\x89PNG\r\n\x1a\n and so on", "is a PNG image"),
    "latin": ("Phare à Grennock.[1]\n\n  1. ^ Holm, A.\n".encode("latin-1"), "byte 6 (0xe0)"),
    "without references": (NO_REFERENCES.encode(), "has no list of references"),
}


@pytest.mark.parametrize("kind", ARTICLES)
def test_an_article_that_cannot_be_read(commands, tmp_path, kind):
    body, words = ARTICLES[kind]
    (tmp_path / "article.txt").write_bytes(body)
    done = commands("ingest", "article.txt", "--corpus", tmp_path / "made", cwd=tmp_path)
    assert done.code == 4
    assert words in done.err
    assert "article.txt" in done.err
    assert "→" in done.err
    assert not (tmp_path / "made").exists()
    assert done.out == ""


def test_a_missing_article_and_a_folder(commands, tmp_path):
    for name in ("missing.txt", "."):
        done = commands("ingest", name, "--corpus", "made", "--json", cwd=tmp_path)
        assert done.code == 4
        assert done.document["type"] == "urn:footnoted:problem:unreadable-file"
        assert done.document["about"] == name
        assert done.document["detail"] == f"{name} is not a file."


def test_no_article_at_all(commands):
    done = commands("ingest", " ")
    assert done.code == 2
    assert "No article is named." in done.err


def test_an_interrupt_while_libraries_load_is_no_traceback(monkeypatch):
    class Loading(ModuleType):
        def __getattr__(self, name: str) -> object:
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "footnoted.cli", Loading("footnoted.cli"))
    with pytest.raises(SystemExit) as ended:
        start()
    assert ended.value.code == 130


def test_a_file_that_may_not_be_read(commands, tmp_path):
    # This one is closed to reading even for root.
    closed = Path("/proc/sys/vm/compact_memory")
    if not closed.exists():
        pytest.skip("only Linux has a file that root cannot read")
    done = commands("ingest", closed, "--corpus", tmp_path / "made")
    assert done.code == 4
    assert "cannot be read: Permission denied" in done.err


def test_an_address_that_gives_nothing_is_a_matter_of_the_network(commands, tmp_path):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{closed.getsockname()[1]}"
    url = f"http://{address}/wiki/Lighthouse"
    for allowed, words in (
        ("", "FOOTNOTED_FETCH_ALLOW"),
        (address, "Save the page and name the file"),
    ):
        done = commands("ingest", url, "--corpus", tmp_path / "made", FOOTNOTED_FETCH_ALLOW=allowed)
        assert done.code == 7
        assert address in done.err
        assert words in done.err, done.err
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--source", "99=ARTICLE"], "'99' names no reference"),
        (["--digest", "note:7=ARTICLE"], "'note:7' names no reference"),
        (["--source", "1"], "is not KEY=PATH"),
        (["--source", "1=ARTICLE", "--source", "1=ARTICLE"], "given twice"),
        (["--form", "papyrus"], "no form 'papyrus'"),
    ],
)
def test_a_source_for_no_reference_changes_nothing(commands, tmp_path, arguments, words):
    arguments = [argument.replace("ARTICLE", str(ARTICLE)) for argument in arguments]
    done = commands("ingest", ARTICLE, "--corpus", tmp_path / "made", *arguments)
    assert done.code == (4 if "--form" in arguments else 2)
    assert words in done.err
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ARTICLE", "--revision", "7"], "--revision asks a Wikipedia for an older page"),
        (["https://x.example/w/Light", "--revision", "7"], "--revision asks a Wikipedia"),
        (["wikipedia:Light", "--form", "wikitext"], "--form cannot be wikitext"),
        (["wikipedia:Light", "--url", "https://x.example/"], "--url says where a file"),
        (["https://x.example/", "--url", "https://y.example/"], "--url says where a file"),
        (["ARTICLE", "--url", "javascript:alert(1)"], "is no http or https address"),
    ],
)
def test_an_option_that_would_be_ignored(commands, tmp_path, arguments, words):
    arguments = [argument.replace("ARTICLE", str(ARTICLE)) for argument in arguments]
    done = commands("ingest", *arguments, "--corpus", tmp_path / "made")
    assert done.code == 2
    assert words in done.err
    assert not (tmp_path / "made").exists()


def test_links_that_are_no_addresses(commands, tmp_path):
    links = tmp_path / "links.json"
    for text, words in {
        "{": "is not JSON",
        "[1]": "must map each key",
        '{"1": 5}': "must map each key",
        '{"1": "ftp://example.org/"}': "no http or https address",
        '{"9": "https://example.org/"}': "'9' names no reference",
    }.items():
        links.write_text(text)
        done = commands("ingest", ARTICLE, "--corpus", tmp_path / "made", "--links", links)
        assert done.code == (2 if "'9'" in words else 4)
        assert words in done.err
        assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("", "is empty"),
        (" \n ", "is empty"),
        ("?!… — “”", "has no words"),
        ("why " * 2500, "has 9,999 characters"),
        ("who \udcff leads", "is not UTF-8"),
    ],
)
@pytest.mark.parametrize("command", ["ask", "search"])
def test_a_question_that_cannot_be_asked(commands, command, question, words, light):
    done = commands(command, question, "--corpus", light, "--json")
    assert done.code == 2
    assert words in done.err
    assert done.document["type"] == "urn:footnoted:problem:question-error"
    assert done.document["status"] == 422
    assert done.document["detail"] in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ask", "Who?", "-k", "0"], "k must be 1 to 100, not 0"),
        (["ask", "Who?", "-k", "-1"], "k must be 1 to 100, not -1"),
        (["search", "Who?", "-k", "1000000"], "k must be 1 to 100, not 1000000"),
        (["ask", "Who?", "-k", "many"], "Invalid value for '-k'"),
        (["ask", "Who?", "--only", "nonsense"], "--only takes article or sources"),
        (["search", "Who?", "--only", "nonsense"], "--only takes article or sources"),
        (["ask", "Who?", "--reference", "99", "--corpus", "LIGHT"], "'99' names no reference"),
        (["ask", "Who?", "--corpus", "nowhere"], "There is no corpus in"),
        (["ask", "Who?", "--corpus", "../nowhere"], "There is no corpus in"),
        (["ask"], "either a question or --batch"),
        (["ask", "Who?", "--batch", "f"], "either a question or --batch"),
        (["passage", "0123456789abcdef"], "No passage has the id"),
        (["verify", "nonsense"], "is not a citation id"),
        (["verify", "0123456789abcdef.0123456789abcdef.0-4"], "holds no text 0123456789abcdef"),
        (["corpora", "remove", "nowhere", "--yes"], "There is no corpus in"),
        (["ask", "Who?", "--nonsense"], "No such option: --nonsense"),
        (["nonsense"], "No such command 'nonsense'"),
        (["passage"], "Missing argument 'ID'"),
    ],
)
def test_a_request_that_makes_no_sense(commands, light, arguments, words):
    arguments = [str(light) if argument == "LIGHT" else argument for argument in arguments]
    done = commands(*arguments)
    assert done.code == 2
    assert words in done.err
    assert done.out == ""
    if arguments[:2] != ["corpora", "remove"]:
        with_json = commands(*arguments, "--json")
        assert with_json.code == 2
        assert words in with_json.document["detail"]
        assert with_json.document["status"] in (400, 404)


def test_no_command_shows_the_commands(commands):
    for arguments in ((), ("corpora",), ("index",)):
        done = commands(*arguments)
        assert done.code == 2
        assert done.out == ""
        assert "Commands:" in done.err
        assert "fault" not in done.err


def test_a_wrong_setting_names_itself(commands):
    done = commands("settings", FOOTNOTED_PORT="seven")
    assert done.code == 2
    assert "The setting port cannot be 'seven'" in done.err
    (commands.folder / "bad.toml").write_text("corpus = ")
    done = commands("settings", FOOTNOTED_CONFIG="bad.toml")
    assert done.code == 4
    assert "bad.toml cannot be read" in done.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"question": "Who?"}\n{', "Line 2 of"),
        ('{"id": 1}', "Line 1 of"),
        ("[]", "Line 1 of"),
    ],
)
def test_a_batch_that_cannot_be_read_answers_nothing(commands, tmp_path, text, words):
    batch = tmp_path / "batch.jsonl"
    batch.write_text(text)
    done = commands("ask", "--batch", batch, "--corpus", "example")
    assert done.code == 4
    assert words in done.err
    assert done.out == ""
    assert commands("ask", "--batch", tmp_path / "none", "--corpus", "example").code == 4


def test_packaged_corpora_are_never_written(commands):
    packaged = Path(__file__).parents[2] / "ingest" / "packaged" / "example"
    before = files(packaged)
    done = commands("ingest", ARTICLE, "--corpus", "example")
    assert done.code == 6
    assert "part of the package and is never written" in done.err
    assert commands("corpora", "remove", "example", "--yes").code == 6
    assert commands("ask", "Who designed the bridge?", "--corpus", "example").code in (0, 3)
    assert files(packaged) == before
    assert not (packaged / "index").exists()


def test_no_two_documents_on_standard_output(commands):
    """With ``--json`` an error, too, is exactly one JSON document."""
    for arguments in (
        ("ask", "", "--json"),
        ("ask", "Who?", "--corpus", "nowhere", "--json"),
        ("ingest", "nothing.txt", "--json"),
        ("nonsense", "--json"),
    ):
        done = commands(*arguments)
        assert set(json.loads(done.out)) <= {
            "type",
            "title",
            "status",
            "detail",
            "about",
            "hint",
        }
        assert "Traceback" not in done.err
