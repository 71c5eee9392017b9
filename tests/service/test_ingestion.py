from __future__ import annotations

from pathlib import Path

import pytest

from footnoted.errors import IndexBroken, InputError, ReadOnly
from footnoted.ingest.corpus import Corpus
from footnoted.service import ingestion
from footnoted.settings import Settings

ARTICLE = Path(__file__).parents[1] / "fixtures" / "articles" / "lighthouse.txt"


@pytest.fixture
def settings(cache_dir: Path, tmp_path: Path) -> Settings:
    return Settings(cache_dir=cache_dir, data_dir=tmp_path / "data", threads=1, fetch=False)


def run(request: ingestion.Request, **options: bool):
    return ingestion.ingest_and_index(
        request, notify=lambda _: None, progress=lambda *_: None, **options
    )


def test_a_corpus_is_named_after_its_article(settings, tmp_path):
    request = ingestion.request_for(ARTICLE, settings)
    assert request.folder == tmp_path / "data" / "corpora" / "grennock-light"
    document = run(request, with_index=False)
    assert document["corpus"]["folder"] == str(request.folder)
    assert document["corpus"]["name"] == "grennock-light"
    assert document["corpus"]["generation"] is None
    assert document["counts"] == {
        "references": 5,
        "readable": 0,
        "digests": 0,
        "access": {"not_attempted": 1, "not_online": 1, "url_unknown": 3},
    }
    assert not (request.folder / "index").exists()


def test_the_plan_is_what_the_run_then_does(settings, tmp_path):
    page = tmp_path / "page.txt"
    page.write_text("The lamp burned colza oil until 1890, the keeper wrote.")
    links = tmp_path / "links.json"
    links.write_text('{"3": "https://lamps.example/1890"}')
    request = ingestion.request_for(
        ARTICLE,
        settings,
        corpus=str(tmp_path / "made"),
        links=links,
        sources=[f"1={page}", f"2={page}"],
        digests=[f"2={page}", f"4={page}"],
    )
    planned = ingestion.plan(request)
    assert not (tmp_path / "made").exists()
    done = run(request, with_index=False)
    for before, after in zip(planned["references"], done["references"], strict=True):
        for key in ("reference_id", "label", "url", "access", "identity"):
            assert before[key] == after[key], key
    assert planned["counts"]["references"] == done["counts"]["references"]
    assert planned["counts"]["readable"] == done["counts"]["readable"] == 2
    assert planned["counts"]["digests"] == done["counts"]["digests"] == 2


def test_running_twice_gives_the_same_ids(settings, tmp_path):
    request = ingestion.request_for(ARTICLE, settings, corpus=str(tmp_path / "made"))
    passages, documents = [], []
    for _ in range(2):
        documents.append(run(request)["references"])
        with Corpus.open(tmp_path / "made") as corpus:
            passages.append(corpus.passages)
    assert passages[0] == passages[1]
    assert documents[0] == documents[1]
    assert [path.name for path in (tmp_path / "made").glob("captures-*")] == [
        "captures-00001.warc.gz"
    ]


def test_an_unusable_index_is_replaced(settings, tmp_path):
    request = ingestion.request_for(ARTICLE, settings, corpus=str(tmp_path / "made"))
    run(request)
    current = tmp_path / "made" / "index" / "CURRENT"
    current.write_text("junk")
    from footnoted.index import generations

    with pytest.raises(IndexBroken):
        generations.current(current.parent)
    run(request)
    assert generations.current(current.parent) is not None


def test_a_corpus_of_the_package_is_not_written(settings):
    with pytest.raises(ReadOnly):
        ingestion.request_for(ARTICLE, settings, corpus="default")


WITHOUT_A_SENTENCE = """<!DOCTYPE html><html lang="en"><head><title>Bare</title>
<meta name="generator" content="MediaWiki 1.43"></head>
<body class="mediawiki"><h1 id="firstHeading">Bare</h1>
<div id="mw-content-text"><div class="mw-parser-output">
<ol class="references"><li id="cite_note-1"><span class="reference-text">Holm, Ada (2004).
<i>Lamps</i>. Harbour Press.</span></li></ol></div></div></body></html>
"""


def test_an_article_without_a_sentence_changes_nothing(settings, tmp_path):
    folder = tmp_path / "made"
    run(ingestion.request_for(ARTICLE, settings, corpus=str(folder)))
    bare = tmp_path / "bare.html"
    bare.write_text(WITHOUT_A_SENTENCE)
    with pytest.raises(InputError, match=r"bare\.html has no sentence"):
        run(ingestion.request_for(bare, settings, corpus=str(folder)))
    with Corpus.open(folder) as corpus:
        assert len(corpus.revisions()) == 1
        assert corpus.passages
