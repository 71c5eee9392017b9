from __future__ import annotations

import json

import pytest

from footnoted.domain import Access
from footnoted.errors import InputError
from footnoted.ingest.extract import extract
from footnoted.ingest.states.walls import Wall, linked_data, parsed, wall

SENTENCES = (
    "The keeper lit the lamp on the headland every evening and wrote the hour in a green book.",
    "In the spring the council paid for new glass, because two storms had cracked the old panes.",
    "Fishermen said that they could see the beam from the far bank of shoals on a clear night.",
    "A clerk copied the figures into the harbour's own ledger, which is kept in the town hall.",
    "The last keeper left in autumn, and a clockwork drive of local make took over his work.",
    "Visitors may climb the tower on the first weekend of each month when the wind allows it.",
)


def prose(words: int) -> str:
    """Paragraphs of made-up prose with about so many words, none twice in a row."""
    number, sentences = 0, []
    while sum(len(one.split()) for one in sentences) < words:
        sentences.append(f"{SENTENCES[number % 6][:-1]}, as note {number} says.")
        number += 1
    return "".join(f"<p>{one}</p>" for one in sentences)


def html(body: str, *, title: str = "The lamp", head: str = "") -> bytes:
    return (
        f"<html><head><meta charset=utf-8><title>{title}</title>{head}</head>"
        f"<body>{body}</body></html>"
    ).encode()


def found(page: bytes, url: str | None = None) -> Wall | None:
    """The wall as an ingest sees it: after extraction, or with no text where that failed."""
    try:
        text = extract(page, "text/html", url).text
    except InputError:
        text = ""
    return wall(page, text, url=url)


def article_data(**properties: object) -> str:
    data = {"@context": "https://schema.org", "@type": "NewsArticle"} | properties
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


COOKIES = {
    "en": (
        "We use cookies and similar data to show ads. Our partners may track you.",
        "Accept all",
    ),
    "de": ("Wir verarbeiten Daten und setzen Cookies für Werbung ein.", "Alle akzeptieren"),
    "fr": ("Nous utilisons des cookies et des traceurs avec nos partenaires.", "Tout accepter"),
    "es": ("Nosotros y nuestros socios usamos cookies y tratamos datos.", "Aceptar todo"),
    "ar": ("نستخدم ملفات تعريف الارتباط لعرض الإعلانات وقياسها وحماية الخصوصية.", "أوافق"),
}


@pytest.mark.parametrize("language", COOKIES)
def test_a_question_for_consent_is_a_wall_only_without_the_article(language: str) -> None:
    words, accept = COOKIES[language]
    banner = f"<div><p>{words}</p><button>{accept}</button></div>"
    assert found(html(banner)) == Wall(Access.CONSENT_WALL, accept)
    assert found(html(banner + f"<article>{prose(120)}</article>")) is None


def test_a_redirect_to_a_consent_host_is_a_wall() -> None:
    page = html("<p>One moment, then the report will follow here.</p>")
    assert found(page, "https://consent.example.org/?next=report") == Wall(
        Access.CONSENT_WALL, "consent.example.org"
    )
    assert found(page, "https://news.example.org/consent.html") is None


@pytest.mark.parametrize(
    "body",
    [
        "<noscript>You need to enable JavaScript to run this app.</noscript><div id=root></div>",
        "<noscript>Bitte aktivieren Sie JavaScript.</noscript><div id=x></div>",
        "<noscript>Veuillez activer JavaScript pour continuer.</noscript>",
        "<noscript>يرجى تفعيل جافا سكريبت لعرض هذه الصفحة</noscript>",
        "<p>このページを見るにはJavaScriptを有効にしてください。</p>",
        "<div id=__next></div><script src=/a.js></script>",
        "<p>JavaScript is not available. Please switch to another browser.</p>",
    ],
)
def test_an_empty_page_that_waits_for_scripts(body: str) -> None:
    met = found(html(body))
    assert met is not None
    assert met.access is Access.NEEDS_JS


def test_a_page_that_only_recommends_scripts_is_open() -> None:
    advice = "<noscript>Please enable JavaScript for the best experience.</noscript>"
    assert found(html(advice + prose(90) + "<script src=/a.js></script>")) is None
    assert found(html("<p>Closed on Mondays.</p><script src=/a.js></script>")) is None


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Just a moment...", "<noscript>Enable JavaScript and cookies to continue</noscript>"),
        ("news.example", "<p>Checking your browser before accessing news.example.</p>"),
        ("Attention Required!", "<p>Sorry, you have been blocked. Ray ID 12.</p>"),
        ("Robot Check", "<p>Type the characters you see in this image.</p>"),
        ("news.example", "<p>Wir überprüfen, ob Sie ein Mensch sind. Das dauert kurz.</p>"),
        ("news.example", "<p>Vérification de votre navigateur en cours.</p>"),
        ("news.example", "<p>جارٍ التحقق من أنك إنسان قبل المتابعة.</p>"),
        ("news.example", "<script src='https://geo.captcha-delivery.com/c.js'></script>"),
        ("news.example", "<p>This video is not available in your country.</p>"),
        ("Sign in", "<p>Sign in to go on.</p><form><input name=p type=password></form>"),
    ],
)
def test_checks_for_robots_and_logins_block(title: str, body: str) -> None:
    met = found(html(body, title=title))
    assert met is not None
    assert met.access is Access.BLOCKED_BY_SITE


def test_a_report_about_captchas_with_a_login_form_is_open() -> None:
    talk = (
        "<p>Sites ask you to complete the captcha when they see unusual traffic from your net.</p>"
    )
    form = "<form>Log in <input type=password></form>"
    assert found(html(f"<article>{talk}{prose(150)}</article>{form}", title="Robots")) is None
    assert found(html(f"<article>{prose(45)}</article>{form}")) is None


OFFERS = (
    "Subscribe to continue reading this report.",
    "To continue reading, log in.",
    "Dieser Text ist exklusiv für Abonnenten. Jetzt weiterlesen.",
    "Il vous reste 75 % de cet article à lire.",
    "La suite est réservée aux abonnés.",
    "Suscríbete para seguir leyendo.",
    "هذا المحتوى للمشتركين فقط.",
    "اشترك الآن لمتابعة القراءة.",
    "この記事は有料会員限定です。",
)


@pytest.mark.parametrize("offer", OFFERS)
def test_an_offer_at_the_end_of_a_short_text_makes_it_a_preview(offer: str) -> None:
    page = html(f"<article>{prose(120)}<p>{offer}</p></article>")
    met = found(page)
    assert met is not None
    assert met.access is Access.PARTIAL
    whole = html(f"<article><p>{offer}</p>{prose(600)}</article>")
    assert found(whole) is None


def test_a_barrier_named_paywall_makes_a_preview_and_a_wrapper_does_not() -> None:
    barrier = "<div class='c-Paywall-box'><b>Read on</b> with our subscription</div>"
    assert found(html(f"<article>{prose(120)}</article>{barrier}")) == Wall(
        Access.PARTIAL, "Read on with our subscription"
    )
    wrapper = f"<div class=paywall>{prose(200)}<p>Members of the guild met.</p></div>"
    assert found(html(f"<article>{wrapper}</article>")) is None
    assert found(html(f"<article>{prose(120)}</article><div class=paywall></div>")) is None


def test_what_a_page_declares_of_itself_is_weighed_with_its_length() -> None:
    closed = article_data(isAccessibleForFree="False")
    graph = (
        '<script type="application/ld+json">{"@graph": [{"@type": ["Report"],'
        ' "isAccessibleForFree": false}]}</script>'
    )
    for head in (closed, graph, "<meta property=article:content_tier content=locked>"):
        met = found(html(f"<article>{prose(200)}</article>", head=head))
        assert met is not None, head
        assert met.access is Access.PARTIAL
        assert found(html(f"<article>{prose(700)}</article>", head=head)) is None
    free = article_data(isAccessibleForFree=True)
    assert found(html(f"<article>{prose(200)}</article>", head=free)) is None


def test_a_declared_number_of_words_decides() -> None:
    long = article_data(isAccessibleForFree=False, wordCount=2000)
    assert found(html(f"<article>{prose(700)}</article>", head=long)) is not None
    short = article_data(isAccessibleForFree=False, wordCount=210)
    assert found(html(f"<article>{prose(200)}</article>", head=short)) is None
    absurd = article_data(isAccessibleForFree=False, wordCount="9" * 5000)
    assert found(html(f"<article>{prose(200)}</article>", head=absurd)) is not None


def test_other_pages_in_a_declared_list_say_nothing_of_this_one() -> None:
    other = {"@type": "NewsArticle", "isAccessibleForFree": False}
    data = {"@type": "ItemList", "itemListElement": [other]}
    head = f'<script type="application/ld+json">{json.dumps(data)}</script>'
    assert found(html(f"<article>{prose(200)}</article>", head=head)) is None


def test_broken_linked_data_is_passed_over() -> None:
    head = '<script type="application/ld+json">{"@type": </script>' + article_data(name="x")
    tree = parsed(html("", head=head), None)
    assert tree is not None
    assert [item["name"] for item in linked_data(tree)] == ["x"]
    deep = f'<script type="application/ld+json">{"[" * 100_000}</script>'
    assert found(html(prose(100), head=deep)) is None


def test_hidden_words_and_unreadable_bytes_are_no_wall() -> None:
    hidden = "<div style='display:none'>Verifying you are human</div>"
    assert found(html(prose(30) + hidden)) is None
    assert wall(b"\xff\xfe\x00" + bytes(range(256)) * 4, "") is None
    assert found(html("<div>" * 60_000 + "x")) is None


def test_the_declared_charset_is_used() -> None:
    page = "<html><body><p>جارٍ التحقق من أنك إنسان قبل المتابعة</p></body></html>"
    met = wall(page.encode("cp1256", "ignore"), "", charset="windows-1256")
    assert met is not None
    assert met.access is Access.BLOCKED_BY_SITE
