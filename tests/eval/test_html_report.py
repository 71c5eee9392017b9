"""The page: what stands in it, that hostile texts stay texts, and that it needs nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import pytest
from selectolax.lexbor import LexborHTMLParser

from footnoted.errors import InputError, UsageError
from footnoted.eval.comparisons import compare_reports
from footnoted.eval.gates import GateResult
from footnoted.eval.html.questions import around_quotes
from footnoted.eval.html.report import ReportedSet, html_report
from footnoted.eval.runs import Gate, evaluate
from footnoted.eval.statistics import Interval
from footnoted.service.display import Segment

HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'\u202eevil\u2066\ud800\x00"
)
SHOWN = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'�evil���"
STYLE = "service/page/static/footnoted.css"


@pytest.fixture
def report(world):
    """a0 is refused, a1's answer is wrong, u0 is answered; the other nine are right."""
    world.documents["a0"] = world.refusal("not_in_corpus", 0.2)
    world.documents["a1"] |= {"statements": world.answer(2, 0.9)["statements"]}
    world.documents["u0"] = world.answer(2, 0.9)
    return evaluate(
        world.questions, world.documents, world.qrels, world.texts, seed=1, name="light"
    )


@pytest.fixture
def reported(world, report):
    return ReportedSet(report, world.documents)


def page_of(*reported, **options):
    return LexborHTMLParser(text_of(*reported, **options))


def text_of(*reported, **options):
    return html_report(
        reported, title="A report", created_at="2026-11-22T22:10:00Z", seed=1, **options
    )


def words(element):
    return " ".join(element.text().split())


def rows_of(page, selector):
    return [[words(cell) for cell in row.iter()] for row in page.css(f"{selector} tbody tr")]


def test_measures_stand_beside_the_baselines(report):
    page = page_of(
        ReportedSet(
            replace(report, costs={"latency_p95_ms": Interval(23.14, 20, 30.55, 12)}),
            baselines={"BM25 <only>": {"nDCG@10": Interval(0.7514, 0.6712, 0.8263, 8)}},
        )
    )
    heading = [words(th) for th in page.css(".measures thead th")]
    assert heading == ["measure", "this run", "BM25 <only>"]
    rows = {row[0].split()[0]: row[1:] for row in rows_of(page, ".measures")}
    value = report.measures["nDCG@10"]
    assert rows["nDCG@10"] == [
        f"{value.value:.3f} {value.low:.3f} to {value.high:.3f} · n 8",
        "0.751 0.671 to 0.826 · n 8",
    ]
    assert rows["answer_recall"][0].startswith("0.750 ")
    assert rows["answer_recall"][1] == "–"
    assert rows["latency_p95_ms"] == ["23.1 20.0 to 30.6 · n 12", "–"]
    assert "lower is better" in next(
        row[0] for row in rows_of(page, ".measures") if "ece" in row[0]
    )
    strips = page.css(".measures tbody tr:first-child .strip .point")
    assert [float(point.attributes["cx"]) for point in strips] == pytest.approx(
        [2 + 76 * value.value, 2 + 76 * 0.7514], abs=0.006
    )


def test_gates_say_what_holds(report):
    bounds = (Gate("answer_recall", at_least=0.7), Gate("ece", at_most=0.001), Gate("none", 0.5))
    page = page_of(ReportedSet(replace(report, gates=bounds)), ReportedSet(report))
    assert [words(li) for li in page.css(".gates li")] == [
        "holds answer_recall: 0.750, wanted ≥ 0.7",
        f"fails ece: {report.measures['ece'].value:.3f}, wanted ≤ 0.001",
        "fails none: not measured, wanted ≥ 0.5",
    ]
    assert words(page.css(".notice h3")[0]) == "A gate fails"
    assert [words(li) for li in page.css(".sets li")] == ["light a gate fails", "light"]
    assert [a.attributes["href"] for a in page.css(".sets a")] == ["#set-1", "#set-2"]


def test_gates_that_were_checked_stand_for_those_of_the_report(report):
    own = replace(report, gates=(Gate("answer_recall", at_least=0.9),))
    checked = [
        GateResult("RR", "no significant loss", "no baseline", None),
        GateResult("answer_recall", "≥ 0.7", "0.750", True),
    ]
    page = page_of(ReportedSet(own, gates=checked))
    assert [words(li) for li in page.css(".gates li")] == [
        "not checked RR: no baseline, wanted no significant loss",
        "holds answer_recall: 0.750, wanted ≥ 0.7",
    ]
    assert words(page.css(".notice h3")[0]) == "No gate fails"


def test_changes_are_shown_with_their_questions(world, report):
    world.documents |= {f"a{i}": world.refusal("not_in_corpus", 0.2) for i in range(8)}
    worse = evaluate(world.questions, world.documents, world.qrels, world.texts, seed=1)
    found = compare_reports(report, worse, seed=1, measures=["answer_recall", "RR"])
    page = page_of(
        ReportedSet(
            worse, differences=found.differences, changed=found.questions, compared_with="run 41"
        )
    )
    row = next(r for r in rows_of(page, ".numbers") if r[0] == "answer_recall")
    assert row[1] == "-0.750"
    assert row[-2:] == ["8", "worse"]
    assert "Changes since run 41" in [words(h3) for h3 in page.css("h3")]
    assert words(page.css(".changed summary")[0]).startswith(f"{len(found.questions)} ques")
    assert "answer_recall 1.000 → 0.000" in words(page.css(".changed li")[0])


def test_a_question_opens_to_all_that_is_known_of_it(reported):
    page = page_of(reported, passages=3)
    bodies = {words(body.css("th")[0]): body for body in page.css(".questions tbody")}
    assert len(bodies) == 12
    wrong = bodies["a1"]
    assert wrong.attributes["data-outcomes"].split()[:2] == ["answered", "failed"]
    assert words(wrong.css(".failure")[0]) == "Wrong or partial answer."
    assert words(wrong.css("summary")[0]) == "Made-up question number 1?"
    expected, given = (words(section) for section in wrong.css(".pair section"))
    assert expected == "Expected three Footnotes: 2"
    assert given == "Given Its first keeper was Ada Holm. [1] Confidence 0.910"
    assert words(wrong.css(".pair strong")[0]) == "Ada Holm"
    gold, cited = (words(quote) for quote in wrong.css("blockquote"))
    assert gold == "It carries three lamps. Document article"
    assert cited.startswith("It carries three lamps. [1] Article 2, footnotes 2, characters 34 to")
    passages = wrong.css(".passages li")
    assert len(passages) == 3
    assert "5 more were retrieved." in words(wrong)
    assert [words(mark) for mark in passages[0].css("mark")] == ["It carries three lamps."]
    assert "holds gold evidence" in words(passages[0])
    assert passages[1].css("mark, .badge") == []
    assert words(bodies["u1"].css(".pair section")[0]) == "Expected refusal: false_premise"
    assert "refused, failed" in words(bodies["a0"].css(".badge")[0])


def test_filters_know_every_tag_and_failure(reported):
    page = page_of(reported)
    outcomes = {o.attributes["value"]: words(o) for o in page.css("[name=outcome] option")}
    assert outcomes["failure-0"] == "failed: refused an answerable question"
    assert len(outcomes) == 5 + 3
    failed = [
        b for b in page.css(".questions tbody") if "failure-0" in b.attributes["data-outcomes"]
    ]
    assert [words(body.css("th")[0]) for body in failed] == ["a0"]
    tags = {words(o): o.attributes["value"] for o in page.css("[name=tag] option")}
    assert list(tags) == ["all", "fact", "early", "late", "none"]
    late = [b for b in page.css(".questions tbody") if tags["late"] in b.attributes["data-tags"]]
    assert len(late) == 4
    assert "hidden" in page.css("form")[0].attributes  # until the script shows it


def test_answers_may_be_unknown_and_questions_left_out(world, report, reported):
    bare = page_of(ReportedSet(report))
    first = bare.css(".questions tbody")[1]
    assert words(first.css(".pair section")[1]).startswith("Given Ada Holm")
    assert first.css(".passages") == []
    few = page_of(reported, questions=4)
    ids = [words(th) for th in few.css(".questions tbody th")]
    assert ids == ["a0", "a1", "a2", "u0"]  # three failed, and the first of the others
    assert "The 4 questions below are a part of 12" in words(few.body)
    world.documents["a2"]["citations"][0]["start"] = "zero"
    with pytest.raises(InputError, match="a2"):
        page_of(reported)
    with pytest.raises(UsageError):
        page_of()


def test_a_report_on_pages_has_measures_alone(report):
    pages = replace(report, rows=(), measures={"token_f1": Interval(0.9, 0.8, 0.95, 40)})
    page = page_of(ReportedSet(pages))
    assert [row[0].split()[0] for row in rows_of(page, ".measures")] == ["token_f1"]
    assert page.css("figure, .questions, form, .lead") == []


def test_figures_are_told_in_words_and_numbers(report):
    page = page_of(ReportedSet(replace(report, milliseconds={"a0": 12.0, "a1": 30.0})))
    titles = [words(h4) for h4 in page.css("figure > h4")]
    assert titles[:3] == ["Risk and coverage", "Reliability of the confidence", "Latency"]
    for figure in page.css("figure"):
        svg = figure.css("svg[role=img]")[0]
        assert words(svg.css("title")[0]) == words(figure.css("h4")[0])
        assert words(svg.css("desc")[0]) == words(figure.css("figcaption > p")[0])
        assert len(figure.css("table tbody tr")) >= 2


def hostile(world):
    question = replace(world.questions[0], text=HOSTILE, tags=(HOSTILE,), language=HOSTILE)
    world.questions[0] = replace(question, answers=((HOSTILE,),), references=("1",))
    document = world.answer(0, 0.9)
    document["statements"][0] |= {"text": HOSTILE, "span": HOSTILE}
    document["citations"][0] |= {"title": HOSTILE, "citation_id": HOSTILE, "identity": 7}
    document["passages"][0] |= {"text": HOSTILE, "id": "p0"}
    document["passages"][1] |= {"text": ["no text"]}
    world.documents["a0"] = document
    report = evaluate(world.questions, world.documents, world.qrels, world.texts, seed=1)
    measures = {**report.measures, HOSTILE: Interval(1, 1, 1, 1)}
    return ReportedSet(
        replace(report, name=HOSTILE, generation=HOSTILE, measures=measures),
        world.documents,
        baselines={HOSTILE: measures},
        compared_with=HOSTILE,
    )


def test_hostile_texts_are_only_words(world):
    reported = hostile(world)
    page = html_report(
        [reported, reported], title=HOSTILE, created_at=HOSTILE, seed=1, facts={HOSTILE: HOSTILE}
    )
    page.encode("utf-8")
    tree = LexborHTMLParser(page)
    assert len(tree.css("script")) == 1
    assert tree.css("img, iframe, link, object, base") == []
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00]", page)
    handlers = [
        n for e in tree.css("*") for n in e.attributes if n.startswith("on") or n == "style"
    ]
    assert handlers == []
    # Words escape everywhere alike; a document title shows what was asked.
    assert words(tree.css("h1")[0]) == SHOWN
    for selector in (".tag", "summary .find", ".pair strong", ".measures thead bdi", ".passages"):
        assert any(SHOWN in words(element) for element in tree.css(selector)), selector
    assert tree.css("[lang]")[0].tag == "html"
    assert not any("<" in element.attributes["lang"] for element in tree.css("[lang]"))


def test_nothing_outside_is_named(world):
    text = text_of(hostile(world))
    page = LexborHTMLParser(text)
    linked = {
        value
        for element in page.css("*")
        for name, value in element.attributes.items()
        if name in ("src", "href", "action", "poster", "data", "srcset", "xlink:href")
    }
    assert {link for link in linked if not link.startswith("#")} == set()
    assert "url(" not in text
    assert "@import" not in text
    assert not re.search(r"(https?:)?//[a-z]", page.css("script")[0].text())
    assert not re.search(r"https?://", text)


def test_the_policy_allows_its_own_style_and_script_alone(reported):
    page = page_of(reported)
    policy = page.css("meta[http-equiv=Content-Security-Policy]")[0].attributes["content"]
    hashes = {
        tag: base64.b64encode(hashlib.sha256(found.text().encode()).digest()).decode()
        for tag in ("style", "script")
        for found in page.css(tag)
    }
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes['style']}'; "
        f"script-src 'sha256-{hashes['script']}'; base-uri 'none'; form-action 'none'"
    )


def test_the_same_run_makes_the_same_page(reported):
    assert text_of(reported) == text_of(reported)


def test_the_report_has_the_colours_of_the_web_page(pytestconfig, reported):
    of_page = (pytestconfig.rootpath / STYLE).read_text("utf-8")
    ours = page_of(reported).css("style")[0].text()
    variables = re.compile(r"(--[a-z-]+): ([^;]+);")
    shared = [dict(variables.findall(sheet)) for sheet in (of_page, ours)]
    common = shared[0].keys() & shared[1].keys()
    assert len(common) > 12
    for sheet in (of_page, ours):
        assert "color-scheme: light dark" in sheet
    assert {k: shared[0][k] for k in common} == {k: shared[1][k] for k in common}


def test_quotes_are_found_in_a_passage():
    assert around_quotes("one two one", ["one"]) == (
        Segment("one", True), Segment(" two ", False), Segment("one", True)
    )  # fmt: skip
    assert around_quotes("abcd", ["ab", "bc", ""]) == (Segment("abc", True), Segment("d", False))
    assert around_quotes("inner", ["the inner words"]) == (Segment("inner", True),)
    assert around_quotes("", ["x"]) == ()
    assert around_quotes("none", []) == (Segment("none", False),)
