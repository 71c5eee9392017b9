from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from footnoted.domain import Access, Identity, Origin, Reference
from footnoted.errors import InputError
from footnoted.ingest.extract import extract
from footnoted.ingest.fetching.responses import Response
from footnoted.ingest.states.likeness import address, original_url, same_site, titles_agree
from footnoted.ingest.states.page_states import Judgement, judge, shared_endings

ENGLISH = (
    "The keeper lit the lamp on the headland every evening and wrote the hour in a green book. "
    "In the spring the council paid for new glass, because storms had cracked the old panes. "
    "Fishermen could see the beam from the far bank of shoals on every clear night of the year."
)
GERMAN = (
    "Der Wärter entzündete die Lampe auf der Landspitze jeden Abend und schrieb die Stunde auf. "
    "Im Frühjahr bezahlte die Gemeinde neues Glas, weil zwei Stürme die alten Scheiben zerbrachen. "
    "Die Fischer sahen den Schein in jeder klaren Nacht von der fernen Sandbank aus."
)
FRENCH = (
    "Le gardien allumait la lampe du cap chaque soir et notait l'heure dans un cahier vert. "
    "Au printemps la commune paya de nouvelles vitres, car deux tempêtes avaient brisé les autres. "
    "Les pêcheurs voyaient la lueur depuis le banc de sable par toutes les nuits claires."
)
ARABIC = (
    "كان الحارس يشعل المصباح على الرأس كل مساء ويكتب الساعة في دفتر أخضر. "
    "وفي الربيع دفعت البلدية ثمن زجاج جديد لأن عاصفتين كسرتا الزجاج القديم. "
    "وكان الصيادون يرون الضوء من الضفة البعيدة في كل ليلة صافية من ليالي السنة."
)
CHINESE = (
    "守灯人每天傍晚点亮岬角上的灯，并把时刻写进一本绿色的册子。春天，镇议会出钱换了新玻璃，"
    "因为两场风暴打碎了旧玻璃。晴朗的夜晚，渔民在远处的浅滩上也能看见灯光。"
)
OTHER = (
    "Our spring catalogue of garden chairs, parasols and grills is out, with free delivery from "
    "three pieces. Order by telephone or visit the showroom between nine and five on weekdays."
)
SITE = "https://www.harbour.example"


def html(title: str, text: str, *, head: str = "", heading: str | None = None) -> str:
    paragraphs = "".join(f"<p>{one}.</p>" for one in text.split(". "))
    body = f"<article><h1>{heading or title}</h1>{paragraphs}</article>"
    return f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


class Page(NamedTuple):
    """A fetched page with the verdict that a careful reader would give."""

    name: str
    cited: str
    title: str
    final: str
    html: str
    access: Access = Access.FETCHED
    identity: Identity = Identity.EXACT


LAMP = "A new lamp for the headland"
PAGES = (
    Page("as cited", "/2019/lamp", LAMP, "/2019/lamp", html(f"{LAMP} | Harbour Mail", ENGLISH)),
    Page("no title cited", "/2019/lamp", "", "/2019/lamp/", html("The light", ENGLISH)),
    Page("tracking", "/lamp", LAMP, "/lamp?utm_source=x&fbclid=1", html(LAMP, ENGLISH)),
    Page("title in the text", "/lamp", LAMP, "/lamp", html("Harbour", f"{LAMP}. {ENGLISH}")),
    Page("German", "/l", "Neue Lampe für die Landspitze", "/l",
         html("Neue Lampe für die Landspitze – Hafenbote", GERMAN)),
    Page("French", "/l", "Une lampe neuve pour le cap", "/l",
         html("« Une lampe neuve pour le cap »", FRENCH)),
    Page("Arabic, vocalised", "/مصباح", "مِصباحٌ جديدٌ على الرأس", "/%D9%85%D8%B5%D8%A8%D8%A7%D8%AD",
         html("مصباح جديد على الرأس - بريد المرفأ", ARABIC)),
    Page("Chinese", "/l", "岬角换上新灯", "/l", html("岬角换上新灯_港口报", CHINESE)),
    Page("moved", "/2019/lamp.html", LAMP, "/archive/lamp", html(LAMP, ENGLISH),
         identity=Identity.OTHER_URL_SAME_SITE),
    Page("moved, retitled, slug kept", "/2019/headland-light", LAMP, "/news/headland-light",
         html("Harbour Mail", OTHER), identity=Identity.OTHER_URL_SAME_SITE),
    Page("moved, number kept", "/story?id=48211", LAMP, "/a/48211", html("Garden", OTHER),
         identity=Identity.OTHER_URL_SAME_SITE),
    Page("translated title, moved", "/a/licht", LAMP, "/kultur/x", html("Das Licht", GERMAN),
         identity=Identity.OTHER_URL_SAME_SITE),
    Page("translated title, other script", "/a/light", LAMP, "/x/y", html("المصباح", ARABIC),
         identity=Identity.OTHER_URL_SAME_SITE),
    Page("retitled", "/2019/lamp", LAMP, "/2019/lamp", html("Harbour Mail", OTHER),
         identity=Identity.UNVERIFIED),
    Page("sold to a stranger, no title", "/about", "", "https://chairs.example/",
         html("Chairs", OTHER), identity=Identity.UNVERIFIED),
    Page("a DOI", "https://doi.org/10.5555/12", LAMP, "https://journal.example/",
         html("Journal", OTHER), identity=Identity.UNVERIFIED),
    Page("home page cited", "/index.html", "Harbour office", "/en/", html("Welcome", OTHER),
         identity=Identity.OTHER_URL_SAME_SITE),
    Page("a car", "/peugeot-404", "", "/peugeot-404", html("Peugeot 404 – Motor", ENGLISH)),
    Page("about missing pages", "/rot", "Page not found: how links rot", "/rot",
         html("Page not found: how links rot", ENGLISH)),
    Page("a department on the front page", "/museum", "", "/", html("Harbour museum", ENGLISH),
         identity=Identity.OTHER_URL_SAME_SITE),
    Page("not found", "/2019/lamp", LAMP, "/2019/lamp", html("404 – Page not found", OTHER),
         Access.SOFT_404),
    Page("nicht gefunden", "/l", "", "/l", html("Seite nicht gefunden | Hafenbote", GERMAN),
         Access.SOFT_404),
    Page("introuvable", "/l", "", "/l", html("Page introuvable - Le Port", FRENCH),
         Access.SOFT_404),
    Page("غير موجودة", "/l", "مصباح جديد", "/l",
         html("الصفحة غير موجودة - بريد المرفأ", OTHER), Access.SOFT_404),
    Page("لم يتم العثور", "/l", "", "/l",
         html("بريد المرفأ", "عذرا، لم يتم العثور على الصفحة المطلوبة. يرجى التحقق من العنوان أو "
              "العودة إلى الصفحة الرئيسية والبحث عن الموضوع من جديد"), Access.SOFT_404),
    Page("不存在", "/l", "", "/l", html("页面不存在 - 港口报", CHINESE), Access.SOFT_404),
    Page("said in the text", "/l", LAMP, "/l",
         html("Mail", "We are sorry, the page you requested could not be found. It may have "
              "been moved, or its name may have been changed since"), Access.SOFT_404),
    Page("to the front page", "/2019/05/lamp.html", LAMP, "/", html("Harbour Mail", OTHER),
         Access.SOFT_404),
    Page("to the front page, no title", "/2019/05/lamp.html", "", "/de/",
         html("Hafenbote", GERMAN), Access.SOFT_404),
    Page("to another page", "/2019/lamp", LAMP, "/shop/chairs", html("Garden chairs", OTHER),
         Access.SOFT_404),
    Page("with extensions", "/a/lamp.html", LAMP, "/shop.html", html("Garden chairs", OTHER),
         Access.SOFT_404),
    Page("only a query", "/?story=lamp", LAMP, "/shop.html", html("Garden chairs", OTHER),
         Access.SOFT_404),
    Page("Arabic, to another page", "/a/12", "مصباح جديد على الرأس", "/shop/chairs",
         html("كراسي الحديقة", "نعرض في هذا الموسم كراسي ومظلات للحدائق مع توصيل مجاني إلى البيوت. "
              "اتصلوا بنا بين التاسعة والخامسة في أيام العمل أو زوروا معرضنا"), Access.SOFT_404),
    Page("stub", "/l", LAMP, "/l", html(LAMP, "Soon here"), Access.EXTRACTION_FAILED,
         Identity.UNVERIFIED),
)  # fmt: skip


def response(
    page: Page, status: int = 200, media_type: str = "text/html; charset=utf-8"
) -> Response:
    return Response(
        url=_full(page.cited),
        final_url=_full(page.final),
        status=status,
        headers=(("Content-Type", media_type),),
        body=page.html.encode(),
    )


def _full(url: str) -> str:
    return url if url.startswith("http") else SITE + url


def reference(page: Page, quote: str | None = None, **csl: object) -> Reference:
    item = {"title": page.title} | csl if page.title else dict(csl)
    return Reference("r1", "7", "", page.title, item, (_full(page.cited),), quote=quote)


def judged(
    page: Page,
    cited: Reference | None = None,
    got: Response | None = None,
    origin: Origin = Origin.LIVE,
    snapshot_at: str | None = None,
) -> Judgement:
    """The verdict of an ingest: extraction first, then its words where it fails."""
    got = got or response(page)
    try:
        extraction, failure = extract(got.body, got.media_type, got.final_url), None
    except InputError as error:
        extraction, failure = None, str(error)
    return judge(
        cited or reference(page), got, extraction, failure, origin=origin, snapshot_at=snapshot_at
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_made_up_page_gets_a_careful_readers_verdict(page: Page) -> None:
    verdict = judged(page)
    unread = page.access is not Access.FETCHED
    wanted = Identity.UNVERIFIED if unread else page.identity
    assert (verdict.access, verdict.identity) == (page.access, wanted), verdict.reason
    assert _full(page.final) in verdict.reason
    assert page.title in verdict.reason or page.access is not Access.FETCHED


AS_CITED = PAGES[0]


@pytest.mark.parametrize(
    ("status", "access", "says"),
    [
        (404, Access.DEAD, "--source"),
        (410, Access.DEAD, "HTTP 410"),
        (401, Access.BLOCKED_BY_SITE, "--source"),
        (402, Access.BLOCKED_BY_SITE, "HTTP 402"),
        (403, Access.BLOCKED_BY_SITE, "HTTP 403"),
        (407, Access.BLOCKED_BY_SITE, "HTTP 407"),
        (429, Access.BLOCKED_BY_SITE, "HTTP 429"),
        (451, Access.BLOCKED_BY_SITE, "HTTP 451"),
        (500, Access.DEAD, "may be temporary"),
        (503, Access.DEAD, "--refresh"),
        (304, Access.DEAD, "HTTP 304"),
        (418, Access.DEAD, "HTTP 418"),
    ],
)
def test_a_status_other_than_success_decides_alone(status: int, access: Access, says: str) -> None:
    verdict = judged(AS_CITED, got=response(AS_CITED, status))
    assert verdict[:2] == (access, Identity.UNVERIFIED)
    assert says in verdict.reason
    assert f"{SITE}/2019/lamp" in verdict.reason


def test_an_archived_copy_says_its_date_and_is_compared_by_its_original() -> None:
    got = Response(
        url=f"https://web.archive.org/web/2020/{SITE}/2019/lamp",
        final_url=f"https://web.archive.org/web/20200102030405id_/{SITE}/2019/lamp",
        status=200,
        headers=(("content-type", "text/html; charset=utf-8"),),
        body=AS_CITED.html.encode(),
    )
    verdict = judged(AS_CITED, got=got, origin=Origin.ARCHIVE, snapshot_at="2020-01-02T03:04:05Z")
    assert verdict[:2] == (Access.ARCHIVED_COPY, Identity.EXACT)
    assert "archived copy of 2020-01-02 at https://web.archive.org" in verdict.reason


def test_a_supplied_copy_stays_supplied() -> None:
    assert judged(AS_CITED, origin=Origin.SUPPLIED).access is Access.SUPPLIED


def test_walls_become_states_that_say_what_gave_them_away() -> None:
    def access(body: str) -> tuple[Access, str]:
        verdict = judged(AS_CITED._replace(html=f"<html><body>{body}</body></html>"))
        assert verdict.identity is Identity.UNVERIFIED
        return verdict.access, verdict.reason

    assert access("<div id=root></div><script src=a.js></script>")[0] is Access.NEEDS_JS
    blocked, reason = access("<p>Checking your browser before accessing the site.</p>")
    assert (blocked, "Checking your browser" in reason) == (Access.BLOCKED_BY_SITE, True)
    banner = "<p>We use cookies and share data with partners.</p><button>Accept all</button>"
    assert access(banner)[0] is Access.CONSENT_WALL
    assert access("<article><p>Subscribe to continue reading.</p></article>")[0] is (
        Access.BLOCKED_BY_SITE
    )


def test_a_preview_is_partial_and_proves_nothing_about_a_quote() -> None:
    page = AS_CITED._replace(html=html(LAMP, f"{ENGLISH} Subscribe to continue reading."))
    verdict = judged(page, reference(page, quote="the keeper left his post for good in autumn"))
    assert verdict[:2] == (Access.PARTIAL, Identity.EXACT)
    assert "Subscribe to continue" in verdict.reason


def test_types_and_failures_keep_their_words() -> None:
    image = response(AS_CITED, media_type="image/png")
    image = Response(image.url, image.final_url, 200, image.headers, b"\x89PNG\r\n\x1a\n\x00")
    assert judged(AS_CITED, got=image).access is Access.UNSUPPORTED_TYPE
    empty = Response(image.url, image.final_url, 200, (("Content-Type", "text/html"),), b" ")
    verdict = judged(AS_CITED, got=empty)
    assert verdict.access is Access.EXTRACTION_FAILED
    assert "The response has no content." in verdict.reason


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


def test_three_pages_that_end_on_one_are_gone_but_not_the_one_that_cites_it() -> None:
    home = "https://harbour.example/news"
    finals = {
        "a": (f"{SITE}/1", home),
        "b": (f"{SITE}/2", f"{home}?utm_source=old"),
        "c": (f"{SITE}/3", f"{home}/#top"),
        "d": (home, home),
        "doi": ("https://doi.org/10.5555/9", home),
        "e": (f"{SITE}/4", "https://harbour.example/4b"),
    }
    assert shared_endings(finals) == {"a", "b", "c"}
    assert shared_endings({key: finals[key] for key in ("a", "b", "d", "doi", "e")}) == set()


def test_leaves_of_one_book_are_no_soft_404s() -> None:
    book = "https://books.example/books"
    finals = {str(n): (f"{book}?id=x&pg={n}", f"{book}?id=x") for n in range(5)}
    assert shared_endings(finals) == set()
    same = {str(n): (f"{SITE}/old?p={n}", f"{SITE}/new") for n in range(5)}
    assert shared_endings(same) == set()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://www.example.org/a", "https://news.example.org/b", True),
        ("http://example.org/", "http://a.b.example.org/", True),
        ("http://one.co.uk/", "http://two.co.uk/", False),
        ("http://www.one.co.uk/", "http://shop.one.co.uk/", True),
        ("http://one.github.io/", "http://two.github.io/", False),
        ("http://github.io/", "http://two.github.io/", False),
        ("http://example.org/", "http://notexample.org/", False),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8001/", False),
        ("http://10.0.0.1/", "http://11.0.0.1/", False),
        ("http://münchen.example.de/", "http://xn--mnchen-3ya.example.de/", True),
    ],
)
def test_sites_are_told_apart_by_their_names(one: str, other: str, same: bool) -> None:
    a, b = address(one), address(other)
    assert a is not None
    assert b is not None
    assert same_site(a, b) is same
    assert same_site(b, a) is same


def test_addresses_are_compared_without_what_makes_no_difference() -> None:
    plain = address("http://example.org/a%20b?x=1")
    assert plain == address("HTTPS://WWW.Example.org:443/a b/?x=1&utm_medium=y#part")
    assert plain != address("http://example.org/a%20b?x=2")
    assert address("ftp://example.org/") is None
    assert address("http://[broken") is None
    assert original_url("https://archive.ph/AbC12") == "https://archive.ph/AbC12"
    for archived in (
        "https://web.archive.org/web/20200101000000id_/https://example.org/x?y=1",
        "https://web.archive.org/web/2020*/example.org/x?y=1",
        "http://archive.today/20200101/http://example.org/x?y=1",
    ):
        assert address(original_url(archived)) == address("http://example.org/x?y=1")


def test_titles_agree_in_spite_of_additions_cuts_and_accents() -> None:
    assert titles_agree("A new lamp for the headland", "A New Lamp for the Headland | Mail")
    assert titles_agree("Lamp, headland: a history of two storms", "Lamp, headland")
    assert titles_agree("Les pêcheurs du cap", "LES PECHEURS DU CAP")
    assert titles_agree("المنارة القديمة", "منارة قديمة")
    assert not titles_agree("A new lamp for the headland", "Mail")
    assert not titles_agree("A new lamp for the headland", "Garden chairs for the spring")
    assert not titles_agree("!?", "A new lamp")


def test_the_page_for_researchers_explains_every_state_once() -> None:
    path = Path(__file__).parents[2] / "docs" / "source-states.md"
    access, _, identity = path.read_text("utf-8").partition("## Identity")
    for part, values in ((access, Access), (identity, Identity)):
        rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \| (.+) \|$", part, re.MULTILINE)
        assert [row[0] for row in rows] == [value.value for value in values]
        assert all(len(cell.strip()) > 3 for row in rows for cell in row)
    words = path.read_text("utf-8")
    for flag in ("--source KEY=PATH", "--links", "--refresh", "--digest"):
        assert flag in words
