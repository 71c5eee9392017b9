"""`footnoted eval`: what is measured, kept, compared and gated, from the command line."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from footnoted.eval.gates import SHIPPED


@pytest.fixture(scope="module")
def patient(commands) -> Path:
    """The shipped gates, at any speed: these tests may share their machine."""
    gates = commands.folder / "patient.toml"
    text = SHIPPED.read_text("utf-8")
    changed = re.sub(r"^at_most = 400\b.*$", "at_most = 1_000_000", text, flags=re.MULTILINE)
    assert changed != text
    gates.write_text(changed, "utf-8")
    return gates


@pytest.fixture(scope="module")
def kept(commands, patient: Path) -> Path:
    """The packaged set `example`, measured and kept with everything that can be written of it."""
    folder = commands.folder / "eval"
    folder.mkdir()
    done = commands(
        *("eval", "example", "--gates", patient, "--keep", folder / "run"),
        *("--html", folder / "report.html"),
        *("--summary", folder / "summary.md", "--run-file", folder / "hits.trec", "--json"),
    )
    assert done.code == 0, done.err
    (folder / "out.json").write_text(done.out, "utf-8")
    return folder


def test_a_set_of_a_packaged_corpus_is_asked_of_that_corpus(kept: Path) -> None:
    document = json.loads((kept / "out.json").read_text("utf-8"))
    assert document["set"] == "example"
    assert document["measures"]["quote_fidelity"]["value"] == 1.0
    assert set(document["measures"]["nDCG@10"]) == {"value", "low", "high", "n"}
    assert {"BM25 only", "cosine only"} == set(document["baselines"])
    assert all(gate["ok"] for gate in document["gates"])
    facts = json.loads((kept / "run" / "run.json").read_text("utf-8"))
    assert facts["corpus"]["name"] == "example"
    hits = (kept / "hits.trec").read_text("utf-8").splitlines()
    assert len(hits[0].split()) == 6
    assert "## Evaluation: example" in (kept / "summary.md").read_text("utf-8")
    page = (kept / "report.html").read_text("utf-8")
    assert "<svg" in page
    assert "Content-Security-Policy" in page


def test_two_runs_are_the_same_and_the_baseline_says_so(
    commands, kept: Path, patient: Path
) -> None:
    again = kept / "again"
    done = commands(
        *("eval", "example", "--gates", patient, "--keep", again),
        *("--baseline", kept / "run", "--json"),
    )
    assert done.code == 0, done.err
    for name in ("results.jsonl", "measures.json", "run.trec"):
        assert (again / name).read_bytes() == (kept / "run" / name).read_bytes(), name
    assert done.document["comparison"]["questions"] == []
    assert {loss["ok"] for loss in done.document["losses"]} == {True}
    compared = commands("eval", "compare", kept / "run", again)
    assert compared.code == 0
    assert "0 questions changed, 0 for the worse." in compared.out


def test_a_run_of_several_sets_goes_on_after_the_first(commands, light: Path) -> None:
    folder = commands.folder / "several"
    drafts = [commands.folder / f"{name}.jsonl" for name in ("one", "two")]
    for draft in drafts:
        assert commands("eval", "init", draft, "--corpus", light).code == 0
    given = ("eval", *drafts, "--corpus", light, "--keep", folder, "--json")
    first = commands(*given)
    assert first.code == 0, first.err
    kept = (folder / "one" / "results.jsonl").read_bytes()
    shutil.rmtree(folder / "two")
    second = commands(*given)
    assert second.code == 0, second.err
    both = [each.document["sets"] for each in (first, second)]
    assert [s["measures"] for s in both[0]] == [s["measures"] for s in both[1]]
    assert (folder / "one" / "results.jsonl").read_bytes() == kept
    assert "holds a finished run already" in commands(*given).err


def test_a_set_that_refuses_everything_fails_the_shipped_gates(commands, kept: Path) -> None:
    """A broken build: answers made by one that finds nothing."""
    made = kept / "refusing.jsonl"
    lines = []
    for line in (kept / "run" / "answers.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        document = entry.get("document", entry) | {"id": entry["id"]}
        document |= {"status": "refused", "reason": "not_in_corpus", "statements": []}
        document |= {"citations": [], "answer": "", "confidence": 0.0, "passages": []}
        document.pop("document", None)
        lines.append(json.dumps(document))
    made.write_text("\n".join(lines), "utf-8")
    done = commands("eval", "example", "--answers", made, "--baseline", kept / "run")
    assert done.code == 1, done.err
    failed = re.findall(r"^ (\S+) .* (?:NO|no) *$", done.out, re.MULTILINE)
    assert {"nDCG@10", "answer_recall", "citation_recall", "refusal_auroc"} <= set(failed)


def test_a_baseline_of_another_set_is_refused_at_once(commands, kept: Path) -> None:
    done = commands("eval", "default", "--baseline", kept / "run")
    assert done.code == 2
    assert "is of example, not of default" in done.err


def test_a_false_quote_fails_whatever_the_gates_say(commands, kept: Path) -> None:
    lines = (kept / "run" / "answers.jsonl").read_text("utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    cited = next(
        e for e in entries if e.get("document", e)["citations"]
    )  # one wrong character in one quote
    citation = cited.get("document", cited)["citations"][0]
    citation["quote"] = "#" + citation["quote"][1:]
    made = kept / "forged.jsonl"
    documents = [entry.get("document", entry) | {"id": entry["id"]} for entry in entries]
    made.write_text("\n".join(map(json.dumps, documents)), "utf-8")
    gates = kept / "lenient.toml"
    gates.write_text('[example]\n[[example.gate]]\nmeasure = "hit@1"\nat_least = 0.1\n', "utf-8")
    done = commands("eval", "example", "--answers", made, "--gates", gates)
    assert done.code == 1
    assert re.search(r"quote_fidelity .* NO", done.out)


def test_own_gates_decide(commands, kept: Path) -> None:
    gates = kept / "gates.toml"
    gates.write_text('[example]\n[[example.gate]]\nmeasure = "hit@1"\nat_least = 1.0\n', "utf-8")
    assert commands("eval", "example", "--gates", gates).code == 1
    gates.write_text('[exmaple]\n[[exmaple.gate]]\nmeasure = "hit@1"\nat_least = 1.0\n', "utf-8")
    unmatched = commands("eval", "example", "--gates", gates)
    assert unmatched.code == 4
    assert "has gates for exmaple, and none for example" in unmatched.err
    gates.write_text("[example]\nbound = 3\n", "utf-8")
    wrong = commands("eval", "example", "--gates", gates)
    assert wrong.code == 4
    assert "bound" in wrong.err
    assert "gates.toml" in wrong.err


def test_a_drafted_set_can_be_measured_at_once_and_is_never_overwritten(
    commands, light: Path, tmp_path: Path
) -> None:
    drafted = tmp_path / "mine.jsonl"
    done = commands("eval", "init", drafted, "--corpus", light, "--json")
    assert done.code == 0, done.err
    assert done.document["questions"] >= done.document["answerable"] > 0
    before = drafted.read_bytes()
    measured = commands("eval", drafted, "--corpus", light, "--json")
    assert measured.code == 0, measured.err
    assert measured.document["set"] == "mine"
    again = commands("eval", "init", drafted, "--corpus", light)
    assert again.code == 2
    assert drafted.read_bytes() == before


def test_an_articles_own_claims_are_asked_of_its_sources(commands) -> None:
    done = commands("eval", "--auto", "--corpus", "example", "--json")
    assert done.code == 0, done.err
    assert done.document["set"] == "auto:example"
    assert done.document["measures"]["R@5"]["value"] > 0.8
    assert "the article was hidden" in done.document["notes"][0]


def test_a_beir_folder_becomes_a_corpus_of_documents(commands, tmp_path: Path) -> None:
    folder = tmp_path / "lamps"
    folder.mkdir()
    texts = {
        "oil": "The lamp of the old tower burned whale oil until the winter of 1871.",
        "gas": "Gas was laid to the pier in 1872, and the keepers put their wicks away.",
        "fog": "A fog bell hung below the gallery and was struck by clockwork.",
    }
    lines = [json.dumps({"_id": k, "title": k, "text": v}) for k, v in texts.items()]
    (folder / "corpus.jsonl").write_text("\n".join(lines), "utf-8")
    queries = {"q1": "What did the lamp burn?", "q2": "When did gas come to the pier?"}
    lines = [json.dumps({"_id": k, "text": v}) for k, v in queries.items()]
    (folder / "queries.jsonl").write_text("\n".join(lines), "utf-8")
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\toil\t1\nq2\tgas\t1\n")
    run = tmp_path / "run.trec"
    done = commands("eval", "--dataset", folder, "--run-file", run, "--json")
    assert done.code == 0, done.err
    assert done.document["measures"]["hit@1"]["value"] == 1.0
    first = {line.split()[0]: line.split()[2] for line in reversed(run.read_text().splitlines())}
    assert first == {"q1": "oil", "q2": "gas"}
    # The gates that are printed are those that decide, each once.
    gates = tmp_path / "gates.toml"
    gates.write_text(
        '[[all.gate]]\nmeasure = "quote_fidelity"\nat_least = 1.0\n'
        '[[lamps.gate]]\nmeasure = "hit@1"\nat_least = 2.0\n',
        "utf-8",
    )
    again = tmp_path / "again"
    kept = ("--gates", gates, "--keep", again, "--json")
    done = commands("eval", "--dataset", folder, *kept)
    assert done.code == 1
    assert [(g["measure"], g["ok"]) for g in done.document["gates"]] == [
        ("quote_fidelity", True), ("hit@1", False),
    ]  # fmt: skip
    assert "model" in json.loads((again / "run.json").read_text("utf-8"))
    # A folder in which nothing can be kept is refused before anything is measured.
    (folder / "corpus.jsonl").unlink()
    done = commands("eval", "--dataset", folder, *kept)
    assert "holds a finished run already" in done.err


def test_the_first_sentence_cited_is_measured_beside_plain_rankers(
    commands, tmp_path: Path
) -> None:
    folder = tmp_path / "pier"
    folder.mkdir()
    text = "Gas was laid to the pier in 1872. The keepers put their wicks away."
    (folder / "corpus.jsonl").write_text(json.dumps({"_id": "gas", "text": text}), "utf-8")
    asked = {"_id": "q1", "text": "When was gas laid to the pier?", "answers": ["1872"]}
    (folder / "queries.jsonl").write_text(json.dumps(asked), "utf-8")
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\tgas\t1\n")
    kept = tmp_path / "kept"
    done = commands("eval", "--dataset", folder, "--sentences", "--keep", kept, "--json")
    assert done.code == 0, done.err
    name = "sentence_hit@1"
    assert done.document["measures"][name] == {"value": 1.0, "low": 1.0, "high": 1.0, "n": 1}
    for system in ("BM25 only", "cosine only"):
        assert done.document["baselines"][system][name]["value"] == 1.0
        assert done.document["differences"][system][name]["p_holm"] == 1.0
    assert "the plain rankers rank 2 sentences" in " ".join(done.document["notes"])
    row = json.loads((kept / "results.jsonl").read_text("utf-8").splitlines()[0])
    assert row["values"][name] == 1.0
    printed = commands("eval", "--dataset", folder, "--sentences")
    assert len(re.findall(name, printed.out)) >= 3  # the measures, and ours less each ranker
    assert name not in commands("eval", "--dataset", folder).out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("default", "--sentences"), "--sentences goes with --dataset"),
        (("default", "example", "--answers", "a.jsonl"), "--answers goes with a single set"),
        (("--auto", "--answers", "a.jsonl"), "--answers does not go with --auto"),
        (("default", "default"), "Two of what is to be measured are called default"),
        (("nothing-there",), "neither a packaged eval set nor a file"),
        (("default", "--baseline", "nowhere"), "holds no eval run"),
        (("default", "--html", "nowhere/report.html"), "there is no such folder"),
    ],
)
def test_what_cannot_be_measured_is_told(commands, words, told) -> None:
    done = commands("eval", *words)
    assert done.code in (2, 4, 5)
    assert told in done.err


def test_help_of_the_group_and_of_its_first_command(commands) -> None:
    assert "compare" in commands("eval", "--help").out
    assert "--dataset" in commands("eval", "run", "--help").out
    assert "No such option" in commands("eval", "--nonsense").err
