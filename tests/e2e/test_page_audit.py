"""Every view in light and dark: what axe-core finds, how it looks, and a corpus that attacks it."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from tests.e2e.hostile_page import IMAGE

OPENED = "When was Sallowick Bridge opened?"
DESIGNED = "It was designed by the engineer Halda Merrowin and opened in 1911."
ARABIC = "ما هي المقاومة الإسلامية في العراق؟"
VIEWS = {
    "start": ("/", {}),
    "answer": ("/", {"q": "Who designed the bridge?", "corpus": "example"}),
    "refusal": ("/", {"q": "Who is the president of Brazil?"}),
    "arabic": ("/", {"q": ARABIC}),
    "sources": ("/sources", {"corpus": "example"}),
    "article": ("/article", {"corpus": "example"}),
    "shared": ("/shared", {"c": "0123456789abcdef.0123456789abcdef.0-9", "q": OPENED}),
    "api": ("/docs", {}),
    "hostile": ("/", {"q": "When was the weir built?", "corpus": "hostile"}),
}


def findings(page) -> list[str]:
    """What axe-core finds to be serious or critical on a page, whose drawers are open."""
    page.evaluate("for (const d of document.querySelectorAll('main details')) d.open = true")
    options = {"resultTypes": ["violations"], "iframes": False}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_view_is_accessible_and_pictured(visiting, screenshots, theme):
    visit = visiting(color_scheme=theme)
    wrong = {}
    for name, (path, parameters) in VIEWS.items():
        page = visit.to(path, **parameters)
        picture = screenshots / f"{name}-{theme}.png"
        page.screenshot(path=picture)
        assert picture.stat().st_size > 10_000
        wrong[name] = findings(page)
    page = visit.to("/article", corpus="example")
    page.locator(".text a.claim", has_text=DESIGNED).click()
    expect(page.locator("#panel .finding").first).to_be_visible()
    page.screenshot(path=screenshots / f"sentence-{theme}.png")
    wrong["sentence"] = findings(page)
    page.get_by_role("link", name="Open on a page of its own").click()
    page.wait_for_url("**/claims/*")
    page.screenshot(path=screenshots / f"claim-{theme}.png")
    wrong["claim"] = findings(page)
    page.keyboard.press("?")
    wrong["keys"] = findings(page)
    assert {name: found for name, found in wrong.items() if found} == {}


@pytest.mark.parametrize("name", ["start", "answer", "refusal", "article", "sources"])
def test_views_on_a_phone_are_pictured(visiting, screenshots, name):
    path, parameters = VIEWS[name]
    page = visiting(viewport={"width": 360, "height": 780}).to(path, **parameters)
    page.screenshot(path=screenshots / f"{name}-phone.png")
    assert findings(page) == []


def test_a_mistake_is_told_accessibly(browser, origin):
    page = browser.new_page()
    for path in ("/?q=?", "/?corpus=lost", "/sources?state=lost", "/claims/lost", "/shared"):
        response = page.goto(f"{origin}{path}")
        assert 400 <= response.status < 500
        assert findings(page) == [], path
        assert page.get_by_role("heading", level=2).first.is_visible()
    page.close()


def test_a_hostile_corpus_is_only_words(visiting):
    visit = visiting()
    for path in (
        "/",
        "/?q=When+was+the+weir+built",
        "/?q=Who+rules+Brazil",
        "/sources",
        "/article",
    ):
        address = f"{path}{'&' if '?' in path else '?'}corpus=hostile"
        page = visit.to(address)
        page.evaluate("for (const d of document.querySelectorAll('main details')) d.open = true")
        assert page.locator("main img, main svg, main script, main [onmouseover]").count() == 0
        assert IMAGE in page.content().replace("&lt;", "<").replace("&gt;", ">")
        links = page.eval_on_selector_all("a[href]", "all => all.map((a) => a.href)")
        assert {link.split(":")[0] for link in links} <= {"http", "https"}
        assert not [link for link in links if "@" in link]
        shown = page.locator("body").inner_text()
        assert not set(shown) & set("\u202e\u202c\u2066\u2067\u2069\x1b")
    page = visit.to("/article", corpus="hostile")
    assert "gnp.exe" in page.locator(".text").inner_text()
    for sentence in page.locator(".text a.claim").all():
        sentence.click()
        expect(page.locator("#panel .claimed")).to_be_visible()
        assert page.locator("#panel img, #panel script, #panel svg").count() == 0
    page.get_by_role("button", name="Check every sentence").click()
    expect(page.locator(".text a.claim:not([data-verdict])")).to_have_count(0)
