"""Capture files written anew hold exactly the records that stay."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.forgetting_corpus import NOW
from warcio.archiveiterator import ArchiveIterator

from footnoted.domain import Capture, Origin
from footnoted.ingest.captures import CaptureStore
from footnoted.ingest.warc import rewriting as warc_rewriting
from footnoted.ingest.warc.rewriting import Place, plan_rewriting, rewrite


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.binary(max_size=40), st.sampled_from("abc"), st.booleans(), st.booleans()),
        min_size=1,
        max_size=8,
    )
)
def test_rewriting_keeps_exactly_what_stays(
    tmp_path_factory: pytest.TempPathFactory, given_: list[tuple[bytes, str, bool, bool]]
) -> None:
    folder = tmp_path_factory.mktemp("warc")
    stored: list[tuple[Capture, bytes, bool]] = []
    store = CaptureStore(folder)
    for body, host, new_file, goes in given_:
        store = CaptureStore(folder) if new_file else store
        url = f"https://{host}.example/"
        capture = store.store(
            body,
            url=url,
            final_url=url,
            status=200,
            media_type="text/plain",
            fetched_at=NOW,
            origin=Origin.LIVE,
            hops=[url] if new_file else [],
        )
        stored.append((capture, body, goes))
    gone = {Place(c.warc_path, c.warc_offset) for c, _, goes in stored if goes}
    plans = plan_rewriting(folder, lambda place, _: place in gone)
    assert {plan.old.name for plan in plans} == {place.file for place in gone}
    moved = rewrite(plans)
    warc_rewriting.remove_files(folder, [plan.old.name for plan in plans])
    places = set()
    for capture, body, _ in stored:
        place = Place(capture.warc_path, capture.warc_offset)
        if place in gone:
            assert place not in moved
            continue
        path, offset = moved.get(place, place)
        places.add((path, offset))
        fields = {f: getattr(capture, f) for f in Capture.__dataclass_fields__}
        there = Capture(**fields | {"warc_path": path, "warc_offset": offset})
        assert store.read(there) == body
    for path in folder.iterdir():
        kinds = []
        with path.open("rb") as file:
            for record in ArchiveIterator(file, check_digests="raise"):
                if record.rec_type != "metadata":
                    kinds.append(record.rec_type)
                record.content_stream().read()
        assert kinds == ["request", "response"] * len(
            {o for name, o in places if name == path.name}
        )
    assert {path.name for path in folder.iterdir()} >= {name for name, _ in places}
    assert not plan_rewriting(folder, lambda *_: False)
