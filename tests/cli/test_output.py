"""What the commands print: literally and without danger for people, one document for programs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from footnoted.cli.render import console, printable

ARTICLE = Path(__file__).parents[1] / "fixtures" / "articles" / "lighthouse.txt"
HOSTILE = "[a] [/x] [bold]\x1b[2J\u202egnp\x07"
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def hostile(commands) -> Path:
    """A corpus whose title, words, references and source carry markup and escape sequences."""
    folder = commands.folder / "hostile"
    article = commands.folder / "hostile.txt"
    article.write_text(
        f"Light {HOSTILE}\n\nThe tower {HOSTILE} stands on the rock of Grennock.[1]\n\n"
        f'  1. ^ Holm, Ada (2004). "Lamps {HOSTILE} of the coast". Harbour {HOSTILE} Press.\n',
        "utf-8",
    )
    page = commands.folder / "page.html"
    page.write_text(
        f"<html><head><title>Page {HOSTILE}</title></head><body><h1>Head {HOSTILE}</h1>"
        f"<p>The keeper of the tower {HOSTILE} counted seven storms in the year 1931.</p></body>",
        "utf-8",
    )
    done = commands("ingest", article, "--corpus", folder, f"--source=1={page}")
    assert done.code == 0, done.err
    assert not CONTROL.search(done.out + done.err)
    return folder


@pytest.mark.parametrize(
    "command",
    [
        ("ask", f"Where does the tower stand? {HOSTILE}"),
        ("search", f"storms {HOSTILE}"),
        ("sources",),
        ("article",),
        ("verify",),
        ("corpora", "info"),
        ("verify", HOSTILE),
        ("passage", HOSTILE),
        ("ask", "Who?", "--reference", HOSTILE),
        ("ask", "Who?", "--only", HOSTILE),
    ],
)
def test_nothing_steers_the_terminal_and_nothing_is_swallowed(commands, hostile, command):
    done = commands(*command, "--corpus", hostile)
    assert done.code in (0, 2, 3)
    assert not CONTROL.search(done.out + done.err)
    assert "fault" not in done.err
    if command[0] in ("search", "sources", "article") or HOSTILE in command[1:]:
        shown = re.sub(r"\s+", "", done.out + done.err)
        assert "[a][/x][bold]" in shown or command[0] == "sources"


def test_hostile_words_of_a_passage_stand_as_they_are(commands, hostile):
    found = commands("search", "storms of 1931", "--corpus", hostile, "--json")
    texts = [passage["text"] for passage in found.document["passages"]]
    storms = next(text for text in texts if "seven storms" in text)
    assert "[a] [/x] [bold]" in storms
    shown = commands("search", "storms of 1931", "--corpus", hostile).out
    assert "[a] [/x] [bold]" in shown
    assert "seven storms" in " ".join(shown.split())


def test_control_characters_become_visible():
    assert printable("a\x1b[2Jb\x07\u202ec\x9b") == "a\\x1b[2Jb\\x07\\x202ec\\x9b"
    assert printable("line\nand\ttab [a] [/x] é ع 👩🏽‍🚀") == "line\nand\ttab [a] [/x] é ع 👩🏽‍🚀"
    with console().capture() as capture:
        console().print("")
    assert capture.get() == ""


def test_an_answer_for_people(commands, bridge):
    done = commands("ask", "Who designed the bridge?", "--corpus", bridge.folder)
    assert done.code == 0
    words = " ".join(done.out.split())
    assert "Halda Merrowin" in words
    assert re.search("[¹²³]", words)
    assert "The article, Sallowick Bridge · characters" in words
    assert "Confidence 0." in words
    assert "12 references: 6 read, 2 known by a digest" in words
    assert done.err == ""


def test_a_refusal_for_people(commands, light):
    done = commands("ask", "Who is the president of Brazil?", "--corpus", light)
    assert done.code == 3
    assert "No answer: neither the article nor the sources" in " ".join(done.out.split())
    assert "The closest passages, which do not answer the question:" in done.out


def test_states_in_words_and_how_many_there_are_of_each(commands, bridge):
    done = commands("sources", "--corpus", bridge.folder)
    words = " ".join(done.out.split())
    assert "read from a supplied file" in words
    assert "a digest, not the source's words" in words
    assert "12 references: 6 read, 2 known by a digest." in words
    table = done.out.partition("State ")[2]
    of_state = re.findall(r"^(\S.*?)  +(\d+) +(\S.*?) *$", table, re.MULTILINE)
    rows = commands("sources", "--corpus", bridge.folder, "--json").document["references"]
    digests = [row["label"] for row in rows if row["identity"] == "digest"]
    assert ("a digest, not the source's words", str(len(digests)), ", ".join(digests)) in of_state
    assert sum(int(many) for _, many, _ in of_state) == len(rows)


def test_a_batch_gives_a_line_for_each_question(commands, light, tmp_path):
    batch = tmp_path / "batch.jsonl"
    lines = [{"id": "q1", "question": "When was it lit?"}, {"id": "q2", "question": "?"}, "Who?"]
    batch.write_text("\n".join(map(json.dumps, lines)))
    done = commands("ask", "--batch", batch, "--corpus", light)
    assert done.code == 0
    found = [json.loads(line) for line in done.out.splitlines()]
    assert [row["id"] for row in found] == ["q1", "q2", "3"]
    assert found[0]["status"] in ("answered", "refused")
    assert found[1]["type"] == "urn:footnoted:problem:question-error"
    assert found[1]["question"] == "?"
    alone = commands("ask", "When was it lit?", "--corpus", light, "--json").document
    for document in (alone, found[0]):
        document.pop("timings_ms")
    assert found[0] == {"id": "q1"} | alone


def test_one_passage(commands, light):
    found = commands("search", "the lamp", "-k", 1, "--corpus", light, "--json").document
    passage_id = found["passages"][0]["id"]
    shown = commands("passage", passage_id, "--corpus", light, "--json").document
    assert shown["text"] == found["passages"][0]["text"]
    printed = " ".join(commands("passage", passage_id, "--corpus", light).out.split())
    assert " ".join(shown["text"].split()) in printed


def test_a_plan_writes_nothing(commands, tmp_path):
    folder = tmp_path / "planned"
    done = commands("ingest", ARTICLE, "--corpus", folder, "--dry-run", "--json")
    assert done.code == 0
    assert [row["label"] for row in done.document["references"]] == ["1", "2", "3", "4", "5"]
    assert done.document["corpus"] == {
        "folder": str(folder),
        "form": "plain_text",
        "title": "Grennock Light",
    }
    assert not folder.exists()


def test_a_plan_from_captures_asks_nobody(commands, tmp_path):
    links = tmp_path / "links.json"
    links.write_text('{"3": "https://lamps.example/1890"}')
    folder = tmp_path / "made"
    made = ("ingest", ARTICLE, "--corpus", folder, "--links", links)
    done = commands(*made, "--no-index", "--json").document
    planned = commands(*made, "--dry-run", "--json", FOOTNOTED_FETCH="true").document
    replayed = commands(
        *made, "--dry-run", "--from-captures", "--json", FOOTNOTED_FETCH="true"
    ).document
    assert planned["counts"] == replayed["counts"] == done["counts"]
    assert planned["references"][2]["reason"].startswith("Would be fetched from https://lamps.")
    assert replayed["references"][2]["reason"].startswith("Would be read from what was captured")


def test_corpora_are_listed_described_and_removed(commands):
    assert commands("ingest", ARTICLE, "--corpus", "named", "--no-index").code == 0
    listed = commands("corpora", "list", "--json").document["corpora"]
    rows = {row["name"]: row for row in listed}
    assert {"default", "example", "named"} <= set(rows)
    assert rows["named"]["folder"] == str(commands.data_dir / "corpora" / "named")
    assert rows["named"]["references"] == 5
    info = commands("corpora", "info", "--corpus", "named", "--json").document
    assert (info["name"], info["generation"], info["language"]) == ("named", None, "en")
    assert "Grennock Light" in commands("corpora", "info", "--corpus", "named").out
    assert "named" in commands("corpora", "list").out
    # Without a terminal to ask on, nothing is removed.
    assert commands.process("corpora", "remove", "named").code == 130
    assert commands("corpora", "remove", "named", "--yes").code == 0
    assert commands("corpora", "info", "--corpus", "named").code == 2


def test_settings_say_where_they_come_from(commands):
    (commands.folder / "some.toml").write_text("passages = 5\n")
    done = commands(
        "settings", "--json", FOOTNOTED_CONFIG="some.toml", FOOTNOTED_PORT="9000", FOOTNOTED_HOST=""
    )
    rows = {row["name"]: row for row in done.document["settings"]}
    assert (rows["port"]["value"], rows["port"]["source"]) == ("9000", "FOOTNOTED_PORT")
    assert (rows["passages"]["value"], rows["passages"]["source"]) == ("5", "some.toml")
    assert rows["host"]["source"] == "default"
    assert all(row["meaning"] for row in rows.values())
    assert "passages" in commands("settings").out


@pytest.mark.parametrize(
    "command",
    [
        *("ingest", "ask", "search", "sources", "article", "passage", "verify", "serve", "eval"),
        *("settings", "corpora list", "corpora info", "corpora remove"),
        *("index rebuild", "index rollback"),
    ],
)
def test_every_command_explains_itself(commands, command):
    done = commands(*command.split(), "--help")
    assert done.code == 0
    assert f"footnoted {command}" in done.out
    assert len(done.out.splitlines()) > 5
