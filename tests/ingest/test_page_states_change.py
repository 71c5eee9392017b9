"""Whether a page is still the one that was cited: quoted words, and dates."""

from __future__ import annotations

import pytest
from tests.made_up_pages import AS_CITED, ENGLISH, LAMP, PAGES, html, judged, reference, response

from footnoted.domain import Identity
from footnoted.ingest.fetching.responses import Response


def test_a_lost_quote_means_a_changed_page_and_a_kept_one_the_cited_page() -> None:
    kept = reference(
        PAGES[13], quote="“Order by telephone … visit the [new] showroom between nine”"
    )
    lost = reference(AS_CITED, quote="the lamp was sold to a museum in another town")
    held = reference(
        AS_CITED, quote="The KEEPER lit the lamp on the headland [...] in a green book"
    )
    assert judged(AS_CITED, held).identity is Identity.EXACT
    assert judged(AS_CITED, lost).identity is Identity.CHANGED_SINCE_CITED
    retitled = PAGES[13]
    assert retitled.identity is Identity.UNVERIFIED
    assert judged(retitled, kept).identity is Identity.EXACT
    short = reference(retitled, quote="Order by telephone")
    assert judged(retitled, short).identity is Identity.UNVERIFIED


@pytest.mark.parametrize(
    ("accessed", "identity"),
    [
        ([2019, 5, 3], Identity.CHANGED_SINCE_CITED),
        ([2021, 3, 14], Identity.EXACT),
        ([2021, 3], Identity.EXACT),
        ([2021], Identity.EXACT),
        ([2021, 2], Identity.CHANGED_SINCE_CITED),
        ([2020], Identity.CHANGED_SINCE_CITED),
    ],
)
@pytest.mark.parametrize(
    "head",
    [
        "<meta property=article:modified_time content=2021-03-14T10:00:00+01:00>",
        (
            '<script type="application/ld+json">{"@type":"Report",'
            '"dateModified":"2021-03-14"}</script>'
        ),
    ],
)
def test_a_page_changed_after_it_was_read(
    head: str, accessed: list[int], identity: Identity
) -> None:
    page = AS_CITED._replace(html=html(LAMP, ENGLISH, head=head))
    verdict = judged(page, reference(page, accessed={"date-parts": [accessed]}))
    assert verdict.identity is identity
    assert ("2021-03-14" in verdict.reason) == (identity is Identity.CHANGED_SINCE_CITED)


def test_the_last_modified_header_is_not_believed() -> None:
    got = response(AS_CITED)
    dated = Response(
        got.url, got.final_url, 200, (*got.headers, ("Last-Modified", "2026")), got.body
    )
    cited = reference(AS_CITED, accessed={"date-parts": [[2019]]})
    assert judged(AS_CITED, cited, dated).identity is Identity.EXACT
