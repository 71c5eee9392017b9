"""Footnotes of MediaWiki pages: their groups and words, the works they cite, one another."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path

import pytest

from footnoted.domain import Article, Reference, UrlStatus
from footnoted.ingest.forms import read_article
from footnoted.ingest.mediawiki import form as mediawiki
from footnoted.ingest.mediawiki.labels import in_style, sign_shown

ARTICLES = Path(__file__).parents[1] / "fixtures" / "articles"


def parse(html: str) -> Article:
    return mediawiki.parse(html, name="lamp.html", url=None, retrieved_at=None)


def listed(*notes: str) -> Article:
    """The article whose list of references holds ``notes``, numbered from 1."""
    items = "".join(f'<li id="cite_note-{n}">{note}</li>' for n, note in enumerate(notes, 1))
    return parse(f'<p>A lamp.</p><ol class="references">{items}</ol>{SOURCES}')


def only(note: str) -> Reference:
    (reference,) = listed(note).references
    return reference


def coins(title: str, url: str = "", **fields: str) -> str:
    given = "&".join(f"rft.{name}={value}" for name, value in fields.items())
    words = f"rft_val_fmt=info:ofi/fmt:kev:mtx:book&rft.genre=book&rft.btitle={title}&{given}"
    words += f"&rft_id={url}" if url else ""
    return f'<span class="Z3988" title="{escape(words)}"></span>'


def data(template: str, **parameters: str) -> str:
    """The ``data-mw`` (and what goes with it) of what a template printed."""
    params = {name.replace("_", "-"): {"wt": wt} for name, wt in parameters.items()}
    part = {"template": {"target": {"wt": template}, "params": params}}
    return (
        f'typeof="mw:Transclusion" about="#mwt7" data-mw="{escape(json.dumps({"parts": [part]}))}"'
    )


SOURCES = f"""<ul>
<li><cite id="CITEREFOrrin1931a" class="citation book">Orrin, Tam (1931a). <i>The First Plan</i>.
<a href="https://plans.example/one">Copy</a>.</cite>{coins("The+First+Plan", au="Orrin,+Tam")}</li>
<li><cite id="CITEREFOrrin1931b" class="citation book">Orrin, Tam (1931b). <i>The Second Plan</i>.
Reef Press.</cite>{coins("The+Second+Plan", au="Orrin,+Tam")}</li>
<li><span id="CITEREFDürr1900" class="citation">Dürr, Bo (1900). <i>Öle</i>. Riff.</span></li>
</ul>"""


@pytest.fixture(scope="module")
def legacy() -> Article:
    path = ARTICLES / "lighthouse-legacy.html"
    return read_article(path.read_bytes(), name=path.name)


def test_references_in_their_groups(legacy: Article) -> None:
    assert [(r.label, r.group) for r in legacy.references] == [
        ("a", "lower-alpha"),
        ("note 1", "note"),
        ("1", ""),
        ("2", ""),
        ("3", ""),
        ("4", ""),
    ]
    groups = {m.label: m.group for m in legacy.markers}
    assert (groups["a"], groups["note 1"], groups["1"]) == ("lower-alpha", "note", "")
    assert legacy.references[0].text == "He was her nephew."


def reference(article: Article, label: str) -> Reference:
    (found,) = [r for r in article.references if r.label == label]
    return found


def test_a_living_page_with_an_archived_copy(legacy: Article) -> None:
    found = reference(legacy, "1")
    assert found.text == (
        'Holm, Ada (3 May 1889). "The Light on the Skerry". The Varna Courier. p. 5. Archived from '
        "the original on 2 June 2019. Retrieved 11 May 2024. Nobody slept."
    )
    assert found.urls == ("https://courier.example/1889/light",)
    assert found.archive_url is not None
    assert found.archive_url.startswith("https://web.archive.org/web/20190602000000/")
    assert (found.url_status, found.quote) == (UrlStatus.LIVE, "Nobody slept.")
    assert found.csl == {
        "type": "article-newspaper",
        "title": "The Light on the Skerry",
        "container-title": "The Varna Courier",
        "author": [{"family": "Holm", "given": "Ada"}],
        "issued": {"date-parts": [[1889, 5, 3]]},
        "accessed": {"date-parts": [[2024, 5, 11]]},
        "page": "5",
        "URL": "https://courier.example/1889/light",
        "custom": {"archived_on": "2 June 2019"},
    }


def test_a_dead_page_whose_title_leads_to_the_archive(legacy: Article) -> None:
    found = reference(legacy, "3")
    assert found.urls == ("http://lamps.example/81", "https://doi.org/10.5555/lamp.1890.81")
    assert found.url_status is UrlStatus.DEAD
    assert (found.csl["volume"], found.csl["DOI"]) == ("81", "10.5555/lamp.1890.81")


def test_a_percent_encoded_target_and_a_book(legacy: Article) -> None:
    found = reference(legacy, "2")
    assert [m.reference_ids for m in legacy.markers if m.label == "2"] == [
        (found.reference_id,)
    ] * 2
    assert found.csl["author"] == [
        {"family": "Reck", "given": "Jonas"},
        {"family": "Holm", "given": "Ada"},
    ]
    assert (found.csl["type"], found.csl["container-title"]) == ("chapter", "Lights of Varna")


def test_a_shortened_footnote_finds_its_full_citation(legacy: Article) -> None:
    found = reference(legacy, "4")
    assert found.text == "Darwish 2011, p. 30."
    assert (found.csl["title"], found.csl["page"]) == ("The Sea", "30")
    assert found.urls == ("https://books.example/sea",)


def test_two_works_of_one_author_and_year() -> None:
    first, second = listed(
        '<a href="#CITEREFOrrin1931a">Orrin 1931a</a>, p. 5.',
        '<a href="#CITEREFOrrin1931b">Orrin 1931b</a>, pp. 8–9.',
    ).references
    assert (first.csl["title"], first.csl["page"]) == ("The First Plan", "5")
    assert first.urls == ("https://plans.example/one",)
    assert (second.csl["title"], second.csl["page"]) == ("The Second Plan", "8–9")
    assert (second.urls, second.text) == ((), "Orrin 1931b, pp. 8–9.")


def test_an_anchor_that_stands_twice_means_its_first_element() -> None:
    article = listed('<a href="#CITEREFOrrin1931a">Orrin 1931a</a>, p. 5.')
    twice = SOURCES.replace("Orrin1931b", "Orrin1931a")
    again = parse(
        '<ol class="references"><li id="cite_note-1"><a href="#CITEREFOrrin1931a">Orrin 1931a</a>'
        f", p. 5.</li></ol>{twice}"
    )
    assert again.references == article.references


def test_anchors_raw_and_unquoted_and_of_full_citations_without_hidden_data() -> None:
    raw, quoted = listed(
        '<a href="#CITEREFDürr1900">Dürr 1900</a>, p. 2.',
        '<a href="#CITEREFD%C3%BCrr1900">Dürr 1900</a>, p. 3.',
    ).references
    assert (raw.csl["title"], raw.csl["page"], raw.csl["type"]) == ("Öle", "2", "book")
    assert quoted.csl == raw.csl | {"page": "3"}


def test_a_broken_anchor_leaves_what_is_printed() -> None:
    found = only('<a href="#CITEREFNobody1900">Nobody 1900</a>, p. 4.')
    assert (found.text, found.urls) == ("Nobody 1900, p. 4.", ())
    assert found.csl == {
        "type": "book",
        "author": [{"literal": "Nobody"}],
        "issued": {"date-parts": [[1900]]},
        "page": "4",
    }


def test_several_shortened_citations_in_one_note() -> None:
    found = only(
        '<a href="#CITEREFOrrin1931b">Orrin 1931b</a>, p. 8; '
        '<a href="#CITEREFOrrin1931a">Orrin 1931a</a>.'
    )
    assert (found.csl["title"], found.csl["page"]) == ("The Second Plan", "8")
    assert [item["title"] for item in found.csl["custom"]["bundled"]] == ["The First Plan"]
    assert found.urls == ("https://plans.example/one",)


def test_several_full_citations_in_one_note() -> None:
    """Each keeps its own data; the addresses of the first come first."""
    found = only(
        '<ul><li>On oil: <cite class="citation news">Moll, Ada (2001). '
        '<a href="https://oil.example/">"Oil"</a>. <i>Post</i>.</cite></li>'
        '<li>on gas: <cite class="citation journal"><a href="https://gas.example/">"Gas"</a>. '
        f"<i>Lamps</i>. doi:10.5555/gas.</cite>{coins('Gas', au='Ulm,+Cass')}</li></ul>"
        'See also <a href="https://more.example/">more</a>.'
    )
    assert (found.csl["title"], found.csl["container-title"]) == ("Oil", "Post")
    assert found.csl["author"] == [{"family": "Moll", "given": "Ada"}]
    (gas,) = found.csl["custom"]["bundled"]
    assert (gas["title"], gas["author"]) == ("Gas", [{"family": "Ulm", "given": "Cass"}])
    assert found.urls == (
        "https://oil.example/",
        "https://gas.example/",
        "https://more.example/",
    )


def test_ibid() -> None:
    first, second, third, fourth, other = listed(
        f'<cite>Moll, Ada. <a href="https://oil.example/">"Oil"</a>. p. 3.</cite>{coins("Oil")}',
        "Ibid., p. 30.",
        "<i>Ibid.</i>",
        "Ibid. But the second edition, which Renn printed in Varna, says that no lamp was red.",
        "Ibidem is a word.",
    ).references
    assert (second.text, second.csl["title"], second.csl["page"]) == ("Ibid., p. 30.", "Oil", "30")
    assert (third.csl["title"], third.csl["page"]) == ("Oil", "30")
    assert first.urls == second.urls == third.urls == ("https://oil.example/",)
    assert (fourth.urls, fourth.csl.get("author")) == ((), None)
    assert other.text == "Ibidem is a word."


def test_ibid_goes_no_further_than_its_list() -> None:
    article = parse(
        '<ol class="references"><li id="cite_note-1"><a href="https://oil.example/">Oil</a></li>'
        '</ol><ol class="references" data-mw-group="note"><li id="cite_note-2">Ibid., p. 4.</li>'
        "</ol>"
    )
    assert article.references[1].urls == ()


def test_notes_that_themselves_cite() -> None:
    article = parse(
        '<p>Lit.<sup class="reference"><a href="#cite_note-a">[a]</a></sup></p>'
        '<div class="reflist-lower-alpha"><ol class="references"><li id="cite_note-a">By count.'
        '<sup class="reference"><a href="#cite_note-1">[1]</a></sup><sup class="reference">'
        '<a href="#cite_note-9">[9]</a></sup></li></ol></div>'
        '<ol class="references"><li id="cite_note-1">A log.</li></ol>'
    )
    note, log = article.references
    assert (note.text, log.text) == ("By count.", "A log.")
    assert note.csl["custom"] == {"cites": [log.reference_id]}
    assert [(m.label, m.reference_ids) for m in article.markers] == [("a", (note.reference_id,))]
    assert "cites" not in log.csl.get("custom", {})


PRINTED = "Printed, P. (1901). &quot;Printed title&quot;. <i>Printed Post</i>. p. 7."
HIDDEN = coins("Hidden+title", au="Hidden,+H.", date="1902", pub="Hidden+Press")
GIVEN = data(
    "Cite_book",
    title="Given [[Lamp|title]]",
    last="Given",
    first="G. {{small|A.}}",
    date="3 May 1903",
    url_status="dead",
)


def test_parameters_count_before_hidden_data_and_those_before_the_print() -> None:
    printed = only(f'<cite class="citation book">{PRINTED}</cite>').csl
    hidden = only(f'<cite class="citation book">{PRINTED}</cite>{HIDDEN}').csl
    given = only(f'<cite class="citation book" {GIVEN}>{PRINTED}</cite>{HIDDEN}').csl
    assert (printed["title"], printed["container-title"]) == ("Printed title", "Printed Post")
    assert (hidden["title"], hidden["publisher"]) == ("Hidden title", "Hidden Press")
    assert hidden["author"] == [{"family": "Hidden", "given": "H."}]
    assert given == {
        "type": "book",
        "title": "Given title",
        "author": [{"family": "Given", "given": "G. A."}],
        "issued": {"date-parts": [[1903, 5, 3]]},
        "publisher": "Hidden Press",  # no parameter says it
        "page": "7",  # the print alone says it
    }


def test_parameters_on_the_style_before_a_citation() -> None:
    """Parsoid writes them on the first element of what a template printed."""
    note = f'<style {GIVEN}>.cs1{{}}</style><cite about="#mwt7">{PRINTED}</cite>'
    found = only(f"{note}; <cite>&quot;Other&quot;.</cite>")
    assert found.csl["title"] == "Given title"
    assert [item["title"] for item in found.csl["custom"]["bundled"]] == ["Other"]
    assert ".cs1" not in found.text
    elsewhere = only(f'<style {GIVEN}></style><cite about="#mwt8">{PRINTED}</cite>')
    assert elsewhere.csl["title"] == "Printed title"


@pytest.mark.parametrize(
    "broken", ['data-mw="{"', 'data-mw="[1]"', data("Unknown box", title="No"), data("Cite Q")]
)
def test_parameters_that_say_nothing_leave_the_hidden_data(broken: str) -> None:
    assert only(f"<cite {broken}>{PRINTED}</cite>{HIDDEN}").csl["title"] == "Hidden title"


def test_a_detail_s_data_are_not_its_reference_s() -> None:
    main, detail = parse(
        '<ol class="references"><li id="cite_note-1"><span class="reference-text">A log.</span>'
        '<ol class="mw-subreference-list"><li id="cite_note-2"><cite>'
        f'<a href="https://oil.example/">"Oil"</a>.</cite>{coins("Oil")}</li></ol></li></ol>'
    ).references
    assert (main.text, main.urls, main.csl.get("title")) == ("A log.", (), "A log")
    assert detail.urls == ("https://oil.example/",)


def test_styles_and_messages_inside_a_citation_are_not_printed() -> None:
    found = only(
        '<style>.cs1{color:red}</style><cite>"Oil". <span style="display:none">hid</span>'
        '<span hidden>den</span>Riff.</cite><span class="cs1-maint">CS1 maint: others</span>'
        '<span class="cs1-hidden-error">missing title</span><sup class="Inline-Template">[<i>dead '
        "link</i>]</sup><script>x()</script><template>y</template>"
    )
    assert found.text == '"Oil". Riff.'
    assert found.url_status is UrlStatus.DEAD


def test_a_footnote_that_no_sign_uses_keeps_its_place() -> None:
    """As of a list that defines more than the article uses."""
    article = parse(
        '<p>Lit.<sup class="reference"><a href="#cite_note-b-2">[2]</a></sup></p><ol '
        'class="references"><li id="cite_note-a-1">Unused.</li><li id="cite_note-b-2">Used.</li>'
        '<li id="cite_note-c-3"><span class="mw-ext-cite-error">Cite error: x</span></li></ol>'
    )
    assert [(r.label, r.text) for r in article.references] == [
        ("1", "Unused."),
        ("2", "Used."),
        ("3", "Cite error: x"),
    ]
    assert [m.reference_ids for m in article.markers] == [(article.references[1].reference_id,)]


def test_numerals() -> None:
    assert [in_style(n, "lower-alpha") for n in (1, 26, 27, 53)] == ["a", "z", "aa", "ba"]
    assert [in_style(n, "upper-roman") for n in (1, 4, 9, 44)] == ["I", "IV", "IX", "XLIV"]
    assert [in_style(2, group) for group in ("lower-greek", "note", "")] == ["β", "note 2", "2"]
    assert [sign_shown(s) for s in ("[lower-alpha 2]", "[n 1]", "[7]")] == ["b", "n 1", "7"]


def test_entries_without_signs_are_counted_from_the_start_of_their_list() -> None:
    article = parse(
        '<ol class="references" start="7"><li>One.</li><li>Two.</li></ol>'
        '<div class="reflist-lower-alpha"><ol class="references"><li>By count.</li></ol></div>'
    )
    assert [(r.label, r.group) for r in article.references] == [
        ("7", ""),
        ("8", ""),
        ("a", "lower-alpha"),
    ]
