"""Made-up pages with the verdicts of a careful reader, and the verdict that an ingest gives."""

from __future__ import annotations

from typing import NamedTuple

from footnoted.domain import Access, Identity, Origin, Reference
from footnoted.errors import InputError
from footnoted.ingest.extract import extract
from footnoted.ingest.fetching.responses import Response
from footnoted.ingest.states.page_states import Judgement, judge

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


AS_CITED = PAGES[0]


def response(
    page: Page, status: int = 200, media_type: str = "text/html; charset=utf-8"
) -> Response:
    return Response(
        url=whole_url(page.cited),
        final_url=whole_url(page.final),
        status=status,
        headers=(("Content-Type", media_type),),
        body=page.html.encode(),
    )


def whole_url(url: str) -> str:
    return url if url.startswith("http") else SITE + url


def reference(page: Page, quote: str | None = None, **csl: object) -> Reference:
    item = {"title": page.title} | csl if page.title else dict(csl)
    return Reference("r1", "7", "", page.title, item, (whole_url(page.cited),), quote=quote)


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
