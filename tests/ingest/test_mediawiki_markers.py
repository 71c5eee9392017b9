"""Footnote signs of MediaWiki pages: where they stand, and to which footnote each is joined."""

from __future__ import annotations

import pytest

from footnoted.domain import Article
from footnoted.ingest.mediawiki import form as mediawiki

LIST = '<ol class="references"><li id="cite_note-1">A source.</li></ol>'


def sup(label: str, target: str = "1") -> str:
    return f'<sup class="reference"><a href="#cite_note-{target}">[{label}]</a></sup>'


SIGN = sup("1")
THREE = "".join(sup(str(n), str(n)) for n in (7, 8, 9))
LISTED = "".join(f'<li id="cite_note-{n}">Log {n}.</li>' for n in (1, 7, 8, 9))
LOGS = f'<ol class="references">{LISTED}</ol>'


def parse(html: str) -> Article:
    return mediawiki.parse(html, name="lamp.html", url=None, retrieved_at=None)


def labels(article: Article) -> dict[str, list[str]]:
    return {claim.text: [m.label for m in claim.markers] for claim in article.claims}


def joined(article: Article) -> list[tuple[str, list[str]]]:
    """Each sign with the words of its footnotes."""
    texts = {r.reference_id: r.text for r in article.references}
    return [(m.label, [texts[i] for i in m.reference_ids]) for m in article.markers]


@pytest.mark.parametrize(
    ("language", "html", "claims"),
    [
        ("en", f"It shone.{THREE} It burned.", {"It shone.": ["7", "8", "9"], "It burned.": []}),
        ("en", f"The lamp{sup('7', '7')} shone,{SIGN} they say.",
         {"The lamp shone, they say.": ["7", "1"]}),
        ("en", f"It shone{SIGN}. It burned {sup('7', '7')}.",
         {"It shone.": ["1"], "It burned.": ["7"]}),
        ("en", f'It was "bright".{SIGN} It was “hot.”{sup("7", "7")} Then dark.',
         {'It was "bright".': ["1"], "It was “hot.”": ["7"], "Then dark.": []}),
        ("ar", f"هل رآها أحد؟{SIGN} نعم،{sup('7', '7')} رآها الحارس. ثم غابت.{sup('8', '8')}",
         {"هل رآها أحد؟": ["1"], "نعم، رآها الحارس.": ["7"], "ثم غابت.": ["8"]}),
        ("ur", f"یہ مینار ہے۔{SIGN} وہ روشن ہے۔{sup('7', '7')}",
         {"یہ مینار ہے۔": ["1"], "وہ روشن ہے۔": ["7"]}),
        ("zh", f"灯塔建成。{SIGN}它很高{sup('7', '7')}。",
         {"灯塔建成。": ["1"], "它很高。": ["7"]}),
        ("en", f"It reads array[1] and f[7](x).{SIGN} So [7] is a word.",
         {"It reads array[1] and f[7](x).": ["1"], "So [7] is a word.": []}),
    ],
)  # fmt: skip
def test_where_a_sign_stands(language: str, html: str, claims: dict[str, list[str]]) -> None:
    article = parse(f'<div class="mw-parser-output" lang="{language}"><p>{html}</p></div>{LOGS}')
    assert labels(article) == claims
    assert all(text == f"Log {label}." for label, (text,) in joined(article))


def test_one_reference_that_many_signs_mean() -> None:
    article = parse("".join(f"<p>Fact {n} holds.{SIGN}</p>" for n in range(40)) + LIST)
    assert joined(article) == [("1", ["A source."])] * 40
    assert [len(claim.markers) for claim in article.claims] == [1] * 40


def test_equal_labels_of_different_groups_are_joined_by_their_fragments() -> None:
    notes = "".join(
        f'<ol class="references" data-mw-group="{group}"><li id="cite_note-{i}">{text}</li></ol>'
        for group, i, text in (
            ("lower-alpha", "a1", "First a."), ("A", "a2", "Second a."), ("note", "n1", "First."),
            ("nb", "n2", "Second."), ("ملاحظة", "م1", "ملاحظة أولى"), ("", "م2", "مصدر"),
        )
    )  # fmt: skip
    article = parse(
        f"<p>Lit.{sup('a', 'a1')} Shone.{sup('a', 'a2')} Burned.{sup('note 1', 'n1')} Out."
        f"{sup('nb 1', 'n2')} Dark.{sup('١', 'م1')} Still.{sup('١', 'م2')}</p>{notes}"
    )
    assert joined(article) == [
        ("a", ["First a."]),
        ("a", ["Second a."]),
        ("note 1", ["First."]),
        ("nb 1", ["Second."]),
        ("١", ["ملاحظة أولى"]),
        ("١", ["مصدر"]),
    ]
    assert [m.group for m in article.markers] == ["lower-alpha", "A", "note", "nb", "ملاحظة", ""]


def test_two_lists_of_one_group_count_anew() -> None:
    article = parse(
        f"<p>Lit.{sup('1', 'x-1')}</p><ol class='references'><li id='cite_note-x-1'>One.</li></ol>"
        f"<p>Shone.{sup('1', 'y-2')} Out.{sup('2', 'z-3')}</p><ol class='references'>"
        "<li id='cite_note-y-2'>Two.</li><li id='cite_note-z-3'>Three.</li></ol>"
    )
    assert joined(article) == [("1", ["One."]), ("1", ["Two."]), ("2", ["Three."])]
    assert [r.label for r in article.references] == ["1", "1", "2"]
    assert article.text == "Lit.\n\nShone. Out."


@pytest.mark.parametrize(
    ("listed", "linked"),
    [
        ("خبر-4", "خبر-4"),
        ("خبر-4", "%D8%AE%D8%A8%D8%B1-4"),
        ("%D8%AE%D8%A8%D8%B1-4", "%D8%AE%D8%A8%D8%B1-4"),
        ("Le_Monde-4", "Le%20Monde-4"),
        ("50%-4", "50%-4"),
        ("&quot;x&quot;-4", "%22x%22-4"),
    ],
)
def test_names_of_footnotes_raw_then_unquoted(listed: str, linked: str) -> None:
    page = (
        f'<p>Lit.{sup("9", linked)}</p><ol class="references"><li id="cite_note-{listed}">L.</li>'
    )
    assert joined(parse(page)) == [("9", ["L."])]
    # Where both stand in the page, the one as written is meant.
    both = parse(f'{page}<li id="cite_note-{linked}">As written.</li></ol>')
    assert joined(both)[0][1] == ["L." if listed == linked else "As written."]


def test_a_sign_without_a_footnote_and_a_footnote_without_a_sign() -> None:
    article = parse(f"<p>Lit.{sup('3', 'gone-3')} Out.<sup class='reference'>[4]</sup></p>{LIST}")
    assert joined(article) == [("3", []), ("4", [])]
    assert [(r.label, r.text) for r in article.references] == [("1", "A source.")]
    assert labels(article) == {"Lit.": ["3"], "Out.": ["4"]}


def test_signs_in_every_part_of_a_page() -> None:
    article = parse(
        f'<table class="infobox"><caption>Lamp{SIGN}</caption><tr><th>Height</th><td>41 m{SIGN}'
        f"</td></tr></table><p>It shone.{SIGN}</p><h2>History{SIGN}</h2><ul><li>Oil{SIGN}</li>"
        f"<li>Gas<ul><li>Coal gas{SIGN}</li></ul></li></ul><dl><dt>Wick{SIGN}</dt><dd>A thread"
        f"{SIGN}</dd></dl><blockquote>So bright!{SIGN}</blockquote><table class='wikitable'>"
        f"<caption>Ships{SIGN}</caption><tr><th>Year{SIGN}</th><th>Seen</th></tr><tr><td>1889</td>"
        f"<td>412{SIGN}</td></tr></table><figure><figcaption>A tower{SIGN}</figcaption></figure>"
        f'<ul class="gallery"><li><div class="gallerytext">A rim{SIGN}</div></li></ul>{LIST}'
    )
    assert labels(article) == {
        "Name: Lamp": ["1"],
        "Height: 41 m": ["1"],
        "It shone.": ["1"],
        "Oil": ["1"],
        "Gas": [],
        "Coal gas": ["1"],
        "Wick": ["1"],
        "A thread": ["1"],
        "So bright!": ["1"],
        "Ships": ["1"],
        "Year | Seen": ["1"],
        "1889 | 412": ["1"],
    }
    words = [article.text[: m.position].split()[-1] for m in article.markers]
    assert words == ["Lamp", "m", "shone.", "History", "Oil", "gas", "Wick", "thread", "bright!",
                     "Ships", "Year", "412", "tower", "rim"]  # fmt: skip
    assert joined(article) == [("1", ["A source."])] * 14
    assert [s.title for s in article.sections] == ["History"]


def test_remarks_of_editors_are_flags() -> None:
    def remark(words: str, more: str = "") -> str:
        return f'<sup class="noprint Inline-Template{more}">[<i><span>{words}</span></i>]</sup>'

    article = parse(
        f"<p>It shone.{remark('citation needed', ' Template-Fact')} It burned.{SIGN}"
        f"{remark('dead link')} It broke.{remark('failed verification')}{remark('when?')} It "
        f"stood.{remark('not in citation given')} It fell.{remark('permanent dead link')}</p>{LIST}"
    )
    assert {claim.text: claim.flags for claim in article.claims} == {
        "It shone.": ("citation_needed",),
        "It burned.": ("dead_link",),
        "It broke.": ("failed_verification", "when"),
        "It stood.": ("failed_verification",),
        "It fell.": ("dead_link",),
    }


def test_pages_behind_signs() -> None:
    def page(words: str) -> str:
        return f'<sup class="reference nowrap"><span>:{words}</span></sup>'

    article = parse(
        f"<p>Lit.{SIGN}{page('14')}{sup('7', '7')}{page(' 20–22, 31')} Shone.{SIGN} At 5"
        f"{page('9')}</p>{LOGS}"
    )
    assert [(m.label, m.locator) for m in article.markers] == [
        ("1", "14"),
        ("7", "20–22, 31"),
        ("1", None),
    ]


def test_boxes_in_boxes_give_their_rows_to_the_outer_one() -> None:
    inner = f'<table class="infobox"><tr><th>Height</th><td>41 m{SIGN}</td></tr></table>'
    article = parse(
        '<table class="infobox"><tr><th colspan="2">Lamp</th></tr>'
        f'<tr><td colspan="2">{inner}</td></tr><tr><th>Lit</th><td>1888</td></tr></table>{LIST}'
    )
    assert labels(article) == {"Name: Lamp": [], "Height: 41 m": ["1"], "Lit: 1888": []}


def test_captions_with_footnotes_are_text_once_and_no_claims() -> None:
    article = parse(
        f'<figure><figcaption>Outer{SIGN}<div class="thumb"><div class="thumbcaption">inner{SIGN}'
        f"</div></div></figcaption></figure><figure><figcaption>Bare</figcaption></figure>{LIST}"
        f'<table class="mbox-small"><tr><td><div class="haudio">A sound{SIGN}</div>'
        "</td></tr></table>"
    )
    assert article.text == "Outer\n\ninner\n\nA sound"
    assert article.claims == ()
    assert [marker.position for marker in article.markers] == [5, 12, 21]


def test_signs_in_a_portable_infobox() -> None:
    """Wikis of Fandom write their infoboxes as ``aside``, not as tables."""

    def data(label: str, value: str) -> str:
        return (
            f'<div class="pi-item pi-data"><h3 class="pi-data-label">{label}</h3>'
            f'<div class="pi-data-value pi-font">{value}</div></div>'
        )

    article = parse(
        '<aside class="portable-infobox pi-background"><h2 class="pi-item pi-title">Tower</h2>'
        '<figure class="pi-item pi-image"><img alt="x"></figure>'
        f"{data('Lit', '1890' + sup('1'))}{data('Keepers', 'Ada' + sup('7', '7') + '<br>Jonas')}"
        '<section class="pi-item pi-group"><h2 class="pi-item pi-header">Light</h2>'
        '<table class="pi-horizontal-group"><thead><tr><th class="pi-data-label">Range</th>'
        '<th class="pi-data-label">Colour</th></tr></thead><tbody><tr>'
        f'<td class="pi-data-value">9 miles{THREE}</td><td class="pi-data-value">White</td>'
        f"</tr></tbody></table></section></aside><p>It stands.{sup('9', '9')}</p>{LOGS}"
    )
    assert labels(article) == {
        "Name: Tower": [],
        "Lit: 1890": ["1"],
        "Keepers: Ada": ["7"],
        "Keepers: Jonas": [],
        "Range: 9 miles": ["7", "8", "9"],
        "Colour: White": [],
        "It stands.": ["9"],
    }
    assert all(len(marker.reference_ids) == 1 for marker in article.markers)
