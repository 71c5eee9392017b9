"""Why a question gets no answer: the reason, and what a reader is told of it.

Every question here is refused, whatever its confidence, unless a test says otherwise.
"""

from __future__ import annotations

import pytest

from footnoted.domain import Refusal, RefusalReason
from footnoted.service import documents
from footnoted.service.refusing import DENIED

STRIKE = "What pay rise did the bridge painters get after their strike in 1962?"
VOTE = "Why did the town council turn down the suspension bridge in 1904?"


@pytest.fixture(scope="module")
def refused(commands, bridge):
    """Asks the invented bridge's corpus, and gives the document of the refusal."""

    def ask(question, *options):
        done = commands("ask", question, "--corpus", bridge.folder, "--json", *options,
                        FOOTNOTED_REFUSE_BELOW="1")  # fmt: skip
        assert done.code == 3, done.err
        return done.document

    return ask


def test_sources_that_should_say_it_and_could_not_be_read_are_named(refused, bridge):
    document = refused(STRIKE)
    assert document["reason"] == "sources_unreadable"
    spoken_of, unread, advice = document["notes"]
    assert "In 1962 the painters of the bridge were on strike for nineteen days." in spoken_of
    assert unread.startswith("Source 10 could not be read (“Bridge painters return to work”")
    assert bridge.states["10"]["reason"] in unread
    assert "http://herald.ostervey.example/1962/07/23/painters.html" in unread
    assert advice.endswith(
        "footnoted ingest https://en.example.org/wiki/Sallowick_Bridge --source 10=FILE"
    )


def test_a_digest_is_somebody_s_words_and_may_leave_out_what_is_asked(refused):
    document = refused(VOTE)
    assert document["reason"] == "not_in_corpus"
    assert "Of source 5 only a digest is here" in document["notes"][1]
    assert document["notes"][-1].endswith("--source 5=FILE")


@pytest.mark.parametrize(
    "question",
    [
        "What is the boiling point of ethanol?",  # about something else
        "How much did it cost to underpin the third pier in 1932?",  # its source was read
        "On which day of 1911 was the first toll charged?",  # a note of the article is no source
    ],
)
def test_where_no_source_is_missing_nothing_is_said_of_one(refused, question):
    document = refused(question)
    assert (document["reason"], document["notes"]) == ("not_in_corpus", [])
    assert document["passages"]


def test_sources_that_were_not_asked_are_no_reason(refused):
    document = refused(STRIKE, "--only", "article")
    assert (document["reason"], document["notes"]) == ("not_in_corpus", [])


def test_a_filter_by_a_source_that_could_not_be_read(refused, bridge):
    document = refused("Who designed the bridge?", "--reference", "10")
    assert document["reason"] == "sources_unreadable"
    assert bridge.states["10"]["reason"] in document["notes"][0]
    assert document["notes"][1].endswith("--source 10=FILE")


def test_of_many_unread_sources_some_are_described_and_all_are_named(commands, light):
    done = commands("ask", "Who lit it?", "--only", "sources", "--corpus", light, "--json")
    assert done.code == 3, done.err
    assert done.document["reason"] == "sources_unreadable"
    filtered, *notes = done.document["notes"]
    assert filtered == "The filter leaves no passage of this corpus: only sources."
    assert [note.partition(" could")[0] for note in notes[:4]] == [
        f"Source {label}" for label in "1234"
    ]
    assert notes[4].startswith("Nor could source 5 be read")
    assert notes[5].endswith("ARTICLE --source 1=FILE --source 2=FILE --source 3=FILE"
                             " --source 4=FILE")  # fmt: skip


def test_a_false_premise_is_no_answer_however_sure_one_would_be(commands, bridge):
    question = "Which bridge of similar size did Halda Merrowin build after the Sallowick Bridge?"
    done = commands(
        "ask", question, "--corpus", bridge.folder, "--json", FOOTNOTED_REFUSE_BELOW="0"
    )
    assert done.code == 3, done.err
    document = done.document
    assert document["reason"] == "false_premise"
    assert document["confidence"] <= DENIED
    premise, instead = document["notes"]
    built = "Halda Merrowin built some bridge of similar size after the Sallowick Bridge"
    assert premise == f"The question takes for granted that {built}."
    assert instead.startswith("But source 2 says: “Merrowin never built another bridge")
    quote = instead.partition("“")[2].rstrip("”")
    assert any(quote in passage["text"] for passage in document["passages"])


def test_a_reader_of_the_terminal_sees_why(commands, bridge):
    done = commands("ask", STRIKE, "--corpus", bridge.folder, FOOTNOTED_REFUSE_BELOW="1")
    shown = " ".join(done.out.split())
    assert "the sources that should say this could not be read" in shown
    assert "Source 10 could not be read" in shown
    assert "--source 10=FILE" in shown


def test_the_notes_of_a_refusal_are_in_its_document_once(standin):
    refusal = Refusal("Who?", RefusalReason.FALSE_PREMISE, 0.1, notes=("But it is.", "So."))
    document = documents.answer_document(refusal, standin().corpus, "g1", {}, ["Dated.", "So."])
    assert document["notes"] == ["Dated.", "So.", "But it is."]
