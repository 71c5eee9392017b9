"""The article, its sentences and its sources in a browser: with script, without, and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

OPENED = "When was Sallowick Bridge opened?"
DESIGNED = "It was designed by the engineer Halda Merrowin and opened in 1911."
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_a_sentence_shows_what_its_sources_say_beside_the_text(visit):
    page = visit.to("/article", corpus="example")
    panel = page.locator("#panel")
    sentence = page.locator(".text a.claim", has_text=DESIGNED)
    sentence.click()
    expect(panel.locator(".claimed")).to_contain_text(DESIGNED)
    findings = panel.locator(".finding")
    expect(findings).to_have_text(
        ["[2] Source 2 seems to say this.", "[3] Source 3 says 1913, not 1911."]
    )
    third = panel.locator(".says > li").nth(1)
    expect(third.locator("mark").first).to_contain_text("Opened in 1913")
    expect(panel).to_be_focused()
    assert page.url.endswith("/article?corpus=example")
    page.keyboard.press("Escape")
    expect(sentence).to_be_focused()


def test_the_article_is_read_by_keyboard_alone(visit):
    page = visit.to("/article", corpus="example")
    for _ in range(3):
        page.keyboard.press("j")
    expect(page.locator("a.claim").nth(2)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.locator("#panel .claimed")).to_have_text(
        "Carries: Harbour Road (two lanes), footway"
    )
    expect(page.locator("#panel-content")).to_contain_text("cites nothing for this sentence")


def test_every_sentence_is_checked_on_request(visit):
    page = visit.to("/article", corpus="example")
    sentences = page.locator(".text a.claim")
    assert page.locator(".text a.claim[data-verdict]").count() == 0
    page.get_by_role("button", name="Check every sentence").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(sentences.last).to_have_attribute("data-verdict", "uncited", timeout=120_000)
    assert page.locator(".text a.claim[data-verdict]").count() == sentences.count()
    disputed = page.locator(".text a.claim", has_text=DESIGNED)
    expect(disputed).to_contain_text("(a source says otherwise)")
    counts = [int(text or 0) for text in page.locator(".legend .count").all_inner_texts()]
    assert sum(counts) == sentences.count()
    expect(page.get_by_role("button", name="Check every sentence")).to_be_visible()


def test_a_footnote_leads_to_its_source_and_the_source_back(visit):
    page = visit.to("/article", corpus="example")
    sign = page.locator(".text .sign a", has_text="[2]").first
    assert "read on the web" in sign.get_attribute("title")
    sign.click()
    row = page.locator(".sources > li:target")
    expect(row).to_contain_text("Presentation rivet hammer")
    expect(row).to_be_in_viewport()
    row.get_by_role("link", name="cited by").click()
    expect(page.locator("a.claim:target")).to_have_text(DESIGNED)


def test_sources_are_narrowed_by_state_and_found_by_words(visit):
    page = visit.to("/sources", corpus="example")
    rows = page.locator(".sources > li")
    assert rows.count() == 12
    page.get_by_role("link", name="not read 3").click()
    expect(rows).to_have_count(3)
    expect(page.locator(".sources .state.read")).to_have_count(0)
    page.get_by_role("link", name="all 12").click()
    page.get_by_label("Find in the list").fill("gazette FLOOD")
    expect(page.locator("#shown")).to_have_text("1 of 12")
    expect(rows.locator("visible=true").filter(has_text="[9]")).to_have_count(1)


def test_what_to_do_about_a_source_is_a_command_that_can_be_copied(visit):
    page = visit.to("/sources", corpus="example", state="dead")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    row = page.locator(".sources > li")
    expect(row).to_contain_text("dead: the address does not answer")
    row.get_by_text("Command", exact=True).click()
    row.get_by_role("button", name="Copy the command").click()
    expect(page.locator("#told")).to_have_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("footnoted ingest https://")
    assert copied.endswith("-c example --refresh")


def test_asking_and_reading_need_no_script(visiting):
    visit = visiting(java_script_enabled=False)
    page = visit.to(corpus="example")
    assert page.locator("[data-script]:visible").count() == 0
    page.locator("#q").fill(OPENED)
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#statement-1 strong")).to_have_text("14 September 1911")
    page.locator("#statement-1 .note").click()
    expect(page.locator("#citation-1")).to_be_in_viewport()
    page.get_by_role("link", name="Link to this evidence").click()
    expect(page.locator(".standing")).to_contain_text("stand word for word")
    page.get_by_role("link", name="Article", exact=True).click()
    page.get_by_role("link", name=DESIGNED).click()
    expect(page.locator(".finding").nth(1)).to_have_text("[3] Source 3 says 1913, not 1911.")
    page.get_by_role("link", name="Next sentence").click()
    expect(page.locator(".claimed")).to_contain_text("For most of the twentieth century")
    page.get_by_role("link", name="Sources", exact=True).click()
    page.get_by_role("link", name="not read 3").click()
    expect(page.locator(".sources > li")).to_have_count(3)
    page.locator(".corpora summary").click()
    page.get_by_role("link", name="default").click()
    expect(page.locator(".sources > li")).to_have_count(13)


PATHS = [
    "/",
    f"/?corpus=example&q={OPENED.replace(' ', '+')}",
    "/?q=Who+is+the+president+of+Brazil",
    f"/?q={'x' * 400}",
    "/sources",
    "/article",
    "/article?corpus=example",
    "/docs",
    "/shared?c=0123456789abcdef.0123456789abcdef.0-9&q=x",
    "/article?corpus=hostile",
    "/sources?corpus=hostile",
]


@pytest.mark.parametrize("width", [360, 1280])
def test_no_view_is_wider_than_the_window(visiting, width):
    visit = visiting(viewport={"width": width, "height": 780})
    for path in PATHS:
        page = visit.to(path)
        assert page.evaluate(WIDER) <= 0, path
        page.evaluate("for (const d of document.querySelectorAll('main details')) d.open = true")
        assert page.evaluate(WIDER) <= 0, f"{path}, all opened"


def test_on_a_phone_the_evidence_of_a_sentence_comes_from_below(visiting):
    page = visiting(viewport={"width": 360, "height": 780}).to("/article", corpus="example")
    page.locator(".text a.claim", has_text=DESIGNED).click()
    panel = page.locator("#panel")
    expect(panel.locator(".finding").first).to_be_in_viewport()
    assert page.evaluate(WIDER) <= 0
    panel.get_by_role("button", name="Close").click()
    expect(panel).not_to_have_class("evidence open")


def test_an_own_finding_on_a_sentence_is_kept_changed_and_removed(visit):
    page = visit.to("/article", corpus="example")
    page.goto(f"{visit.origin}{page.locator('.text a.claim').nth(14).get_attribute('href')}")
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("#note-told")).to_contain_text("Choose a verdict or write a note")
    page.get_by_label("What do the sources say").select_option("they say something else")
    page.get_by_label("Note", exact=True).fill("The guide has <b>1913</b>.")
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("#note-told")).to_contain_text("Kept by local")
    page.reload()
    expect(page.get_by_label("Note", exact=True)).to_have_value("The guide has <b>1913</b>.")
    expect(page.get_by_label("What do the sources say")).to_have_value("contradicted")
    page.get_by_label("Note", exact=True).fill("")
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("#note-told")).to_contain_text("Kept by local")
    page.get_by_role("button", name="Remove it").click()
    expect(page.locator("#note-told")).to_have_text("Removed.")
    page.reload()
    expect(page.get_by_label("What do the sources say")).to_have_value("")


def test_a_printed_answer_has_its_evidence_and_no_form(visit):
    page = visit.to(q=OPENED, corpus="example")
    page.emulate_media(media="print")
    expect(page.locator("form.ask")).to_be_hidden()
    expect(page.locator("#statement-1")).to_be_visible()
    expect(page.locator("#citation-3 mark").first).to_be_visible()
    expect(page.locator("header.site")).to_be_hidden()
