"""A corpus measured by its own article's footnotes: what is asked, what is hidden, what scores."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footnoted.domain import Claim, Identity, Kind, RefusalReason, Span
from footnoted.errors import InputError
from footnoted.eval.auto.claims import auto_claims, is_query, source_groups
from footnoted.eval.auto.evaluating import AutoEvaluation, evaluate_auto, known_to_own_sources
from footnoted.eval.auto.hiding import HidingAsker
from footnoted.eval.auto.scoring import AskedTwice, auto_report, baselines_of
from footnoted.eval.baselines import BM25, COSINE
from footnoted.eval.comparisons import compare_reports
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.plain_documents import PlainDocument, publish_documents
from footnoted.ingest.store import writing
from footnoted.service.assistant import Assistant
from footnoted.settings import Settings

SEED = 7
THRESHOLD = 0.17

ARTICLE = """Grennock Light

Grennock Light is a lighthouse on a skerry near Varna. It was first lit by the keeper Ada Holm on \
3 May 1888.[1] The lantern of the tower was broken by a great storm in 1931.[3] The fog horn was \
sold to the port of Oslo in 1907.[4] The board of the harbour paid 2,350 crowns for the new \
lamp.[2] Grennock Light is kept by nobody.[5] It is closed.[3] The lantern of the tower was broken \
by a great storm in 1931.[3]

References

  1. ^ Moss, Ida (4 May 1888). "A new light". The Varna Courier.
  2. ^ "A new light at Varna". The Coast Gazette. 5 May 1888.
  3. ^ "The storm". Varna Archive. 1931.
  4. ^ "Lamps and horns". Lamp Review. 1908.
  5. ^ "A lost page". Somewhere.
"""
REPORT = (
    "On the third of May, that is 3 May 1888, the new light on the skerry was lit for the first "
    "time by its keeper, Mrs Ada Holm, before the whole harbour board and a crowd of fishermen who "
    "had rowed out in the morning. The lamp burns colza oil and was paid with 2,350 crowns of the "
    "board. It can be seen from the town at every tide, and the pilots of the coast say that no "
    "ship will be lost on the rocks again while somebody keeps it burning through the winter."
)
SOURCES = {
    "1": REPORT,
    "2": f"{REPORT} So writes our neighbour, the Courier.",
    "3": "In the night the sea came over the rocks. A great storm broke the lantern of the tower "
    "in 1931, and the glass lay in the grass for years. Nobody was hurt, though the door was gone.",
    "4": "Horns are heavy. The port of Oslo bought the old fog horn in 1907 and hung it at the "
    "pier. A storm of 1931 silenced it for a week.",
}


@pytest.fixture(scope="module")
def options(commands, cache_dir: Path) -> Settings:
    return Settings(cache_dir=cache_dir, data_dir=commands.data_dir, threads=1)


@pytest.fixture(scope="module")
def light_house(commands, options: Settings) -> Iterator[Assistant]:
    """Five references: two copies of one report, a storm that two texts know, one unread."""
    folder = commands.folder / "auto-light"
    folder.mkdir()
    article = folder / "article.txt"
    article.write_text(ARTICLE, "utf-8")
    given_sources = []
    for label, text in SOURCES.items():
        (folder / f"{label}.txt").write_text(text, "utf-8")
        given_sources.append(f"--source={label}={folder / f'{label}.txt'}")
    done = commands("ingest", article, "--corpus", folder / "corpus", "--no-fetch", *given_sources)
    assert done.code == 0, done.err
    with Assistant.open(folder / "corpus", settings=options) as opened:
        yield opened


@pytest.fixture(scope="module", params=["default", "example"])
def packaged(
    request: pytest.FixtureRequest, options: Settings
) -> Iterator[tuple[Corpus, AutoEvaluation]]:
    with Assistant.open(request.param, settings=options) as opened:
        yield opened.corpus, evaluated(opened)


@pytest.fixture(scope="module")
def measured(light_house: Assistant) -> AutoEvaluation:
    return evaluated(light_house)


def silent(*_: object) -> None:
    """No progress."""


def evaluated(assistant: Assistant, refuse_below: float = THRESHOLD) -> AutoEvaluation:
    return evaluate_auto(assistant, refuse_below=refuse_below, seed=SEED, progress=silent)


def labels(assistant: Assistant, document_ids: frozenset[str]) -> set[str]:
    corpus = assistant.corpus
    return {
        corpus.references[r].label for d in document_ids for r in corpus.documents[d].reference_ids
    }


def test_claims_copies_and_what_nothing_else_knows(light_house: Assistant) -> None:
    corpus = light_house.corpus
    groups = source_groups(corpus)
    assert len(groups) == 4
    assert len(set(groups.values())) == 3
    claims = auto_claims(corpus, groups)
    asked = {claim.claim.text: labels(light_house, claim.own(groups)) for claim in claims}
    assert [text[:26] for text in asked] == [  # no unread source, nothing short, nothing twice
        "It was first lit by the ke",
        "The lantern of the tower w",
        "The fog horn was sold to t",
        "The board of the harbour p",
    ]
    # A claim's own documents are its footnotes' and their copies.
    assert list(asked.values()) == [{"1", "2"}, {"3"}, {"4"}, {"1", "2"}]
    kept = known_to_own_sources(corpus, claims, groups)
    # 1931 also stands in source 4, so the storm could be answered without source 3.
    assert [claim.name in kept for claim in claims] == [True, False, True, True]


def test_the_made_up_corpus_is_answered_by_its_sources(measured: AutoEvaluation) -> None:
    report = measured.report
    assert report.name == "auto:corpus"
    assert report.value_of("hit@1") == 1.0
    assert report.value_of("citation_recall") is not None
    assert report.value_of("quote_fidelity") == 1.0
    assert report.value_of("refusal_auroc") == 1.0
    assert report.value_of("confidence_drop") == 1.0
    shown = [row for row in report.rows if row.question.answerable]
    hidden = [row for row in report.rows if not row.question.answerable]
    assert [row.question.references for row in shown] == [("1",), ("3",), ("4",), ("2",)]
    assert [row.question.reason for row in hidden] == [RefusalReason.NOT_IN_CORPUS] * 3
    assert {row.question.question_id for row in hidden} <= {
        f"{row.question.question_id}:hidden" for row in shown
    }
    assert any("first: 1." in note for note in measured.notes)
    assert not any("digest" in note for note in measured.notes)
    assert set(measured.documents) == {row.question.question_id for row in report.rows}


def test_nothing_of_the_article_or_of_hidden_sources_is_shown(
    packaged: tuple[Corpus, AutoEvaluation],
) -> None:
    corpus, found = packaged
    groups = source_groups(corpus)
    own = {claim.name: claim.own(groups) for claim in auto_claims(corpus, groups)}
    hidden = 0
    for name, document in found.documents.items():
        claim, _, how = name.partition(":")
        places = {c["document_id"] for c in document["citations"]}
        places |= {p["citation"]["document_id"] for p in document["passages"]}
        assert all(corpus.documents[place].kind is Kind.SOURCE for place in places)
        if how:
            hidden += 1
            assert places
            assert not places & own[claim]
    assert hidden >= 8


def test_the_packaged_corpora_are_measured_beside_the_plain_rankers(
    packaged: tuple[Corpus, AutoEvaluation],
) -> None:
    corpus, found = packaged
    for measure in ("nDCG@10", "R@10", "RR", "refusal_auroc"):
        assert found.report.value_of(measure) is not None
        for baseline in (BM25, COSINE):
            assert found.baselines[baseline][measure].n == found.report.measures[measure].n
    assert found.report.value_of("nDCG@10") == pytest.approx(0.95, abs=0.05)
    assert found.report.value_of("quote_fidelity") == 1.0
    assert (found.report.value_of("refusal_auroc") or 0) > 0.85
    digests = [d for d in corpus.documents.values() if d.identity is Identity.DIGEST]
    said = any("are digests" in note for note in found.notes)
    assert said == any(d.kind is Kind.SOURCE for d in digests)
    assert said == all("digest" in row.question.tags for row in found.report.rows)
    for hits in found.run.values():
        assert all(better[1] > worse[1] for better, worse in pairwise(hits))


def test_two_runs_are_the_same(light_house: Assistant, measured: AutoEvaluation) -> None:
    assert evaluated(light_house) == measured


def test_the_threshold_moves_refusals_and_nothing_else(light_house: Assistant) -> None:
    never, always = evaluated(light_house, 0.0), evaluated(light_house, 1.0)
    assert never.report.value_of("refusal_recall") == 0.0
    assert always.report.value_of("refusal_recall") == 1.0
    assert always.report.value_of("refusal_precision") == 0.5
    assert never.report.measures["nDCG@10"] == always.report.measures["nDCG@10"]
    assert always.report.value_of("citation_recall") == 0.0
    assert never.report.value_of("refusal_auroc") == always.report.value_of("refusal_auroc") == 1.0


def test_measures_fall_when_the_system_is_made_worse(light_house: Assistant) -> None:
    corpus, groups = light_house.corpus, source_groups(light_house.corpus)
    claims = auto_claims(corpus, groups)
    asker = HidingAsker(light_house, THRESHOLD)
    both = []
    for claim in claims:
        rest = groups.keys() - claim.own(groups)
        text = claim.claim.text
        both.append(AskedTwice(claim, asker.ask("a", text, groups), asker.ask("b", text, rest)))
    swapped = [AskedTwice(e.claim, e.hidden or e.shown, e.shown) for e in both]
    good = auto_report(corpus, groups, both, seed=SEED)
    bad = auto_report(corpus, groups, swapped, seed=SEED)
    for measure in ("nDCG@10", "hit@1", "RR", "citation_recall", "confidence_drop"):
        assert (good.value_of(measure) or 0) > (bad.value_of(measure) or 0)
    # Exchanging the two halves turns the area over.
    assert bad.value_of("refusal_auroc") == pytest.approx(1 - (good.value_of("refusal_auroc") or 0))
    worse = baselines_of(corpus, groups, swapped, seed=SEED)
    better = baselines_of(corpus, groups, both, seed=SEED)
    for system in (BM25, COSINE):
        assert better[system]["nDCG@10"].value > worse[system]["nDCG@10"].value


@settings(max_examples=12, deadline=None)
@given(picks=st.sets(st.integers(0, 3)))
def test_only_visible_documents_ever_answer(light_house: Assistant, picks: set[int]) -> None:
    sources = list(source_groups(light_house.corpus))
    visible = {sources[n] for n in picks}
    asked = HidingAsker(light_house, THRESHOLD).ask("q", "Who first lit the lamp in 1888?", visible)
    passages = light_house.corpus.passages
    found = {passages[p.passage_id].document_id for p in asked.answer.passages}
    assert found == visible
    for ranked in asked.baselines.values():
        assert {passages[passage_id].document_id for passage_id, _ in ranked} <= visible
    if not visible:
        assert not asked.answer.answered
        assert asked.answer.confidence == 0.0


@pytest.mark.parametrize(
    ("text", "label", "flags", "good"),
    [
        ("The lantern of the tower was broken in 1931.", None, (), True),
        ("Owners: the harbour board of the town of Varna", "Owners", (), True),
        ("Height: 41 m", "Height", (), False),
        ("The lantern broke.", None, (), False),
        ("Lanterns and towers of the coast in 1931", None, (), False),
        ("Lantern | Tower | broken in the storm of 1931.", None, (), False),
        ("The lantern of the tower was broken in 1931.", None, ("failed_verification",), False),
        ("1931年の大嵐で灯台のガラスが割れた。", None, (), True),
        ("灯台は閉鎖。", None, (), False),
    ],
)
def test_which_claims_are_good_queries(
    text: str, label: str | None, flags: tuple[str, ...], good: bool
) -> None:
    assert is_query(Claim("c", Span(0, len(text)), text, (), label, flags)) is good


def test_a_corpus_without_read_sources_or_article_cannot_be_measured(
    light: Path, options: Settings, tmp_path: Path
) -> None:
    with Assistant.open(light, settings=options) as unread, pytest.raises(InputError) as caught:
        evaluated(unread)
    assert "cites a source that was read" in str(caught.value)
    folder = tmp_path / "plain"
    with writing(folder) as writer:
        text = PlainDocument("a", "Lamp", "The lamp is bright. It stands on a skerry.")
        publish_documents([text], writer, "plain", now="2026-01-02T03:04:05Z")
    with (
        Assistant.open(folder, settings=options) as plain,
        pytest.raises(InputError, match="has no article"),
    ):
        evaluated(plain)


def test_two_runs_are_compared_over_the_claims_asked_both_ways(light_house: Assistant) -> None:
    report = evaluated(light_house).report
    difference = compare_reports(report, report, seed=1).differences["refusal_auroc"]
    assert difference.interval.n == report.measures["refusal_auroc"].n * 2
    assert difference.interval.n < len(report.rows)
