"""A researcher asks: a real browser, a real server on loopback, the packaged corpora."""

from __future__ import annotations

from playwright.sync_api import Page, expect

JORDAN = "How many US soldiers were killed in Jordan on 28 January 2024?"
BRAZIL = "Who is the president of Brazil?"
OPENED = "When was Sallowick Bridge opened?"
HOSTILE = "<img src=x onerror=alert(1)>"
ARABIC = "ما هي المقاومة الإسلامية في العراق؟"


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_a_question_by_keyboard_alone(visit):
    page = visit.to()
    for _ in range(20):
        page.keyboard.press("Tab")
        if focused(page) == "q":
            break
    style = "getComputedStyle(document.activeElement).outlineStyle"
    assert (focused(page), page.evaluate(style)) == ("q", "solid")
    page.keyboard.type(JORDAN)
    page.keyboard.press("Enter")
    statement = page.locator("#statement-1")
    expect(statement.locator("strong")).to_have_text("three")
    assert statement.locator(".signs a").all_inner_texts() == ["[7]", "[8]", "[9]", "[10]", "[11]"]
    page.keyboard.press("1")
    assert focused(page) == "citation-1"
    page.keyboard.press("/")
    assert focused(page) == "q"


def test_a_number_and_its_evidence_light_up_together(visit):
    page = visit.to(q=OPENED, corpus="example")
    card = page.locator("#citation-2")
    page.locator("#statement-2 .note").hover()
    expect(card).to_have_class("card source lit")
    expect(card).to_be_in_viewport()
    page.mouse.move(0, 0)
    expect(card).to_have_class("card source")
    page.locator("#statement-1 .note").focus()
    expect(page.locator("#citation-1")).to_have_class("card article lit")


def test_a_number_leads_to_its_evidence_and_back(visit):
    page = visit.to(q=JORDAN)
    page.locator("#statement-1 .note").press("Enter")
    assert page.url.endswith("#citation-1")
    assert focused(page) == "citation-1"
    expect(page.locator("#citation-1 .kind").first).to_contain_text("Article")
    page.locator("#citation-1 blockquote .signs a").first.press("Enter")
    assert page.url.endswith("#citation-1-footnote-1")
    expect(page.locator("#citation-1-footnote-1")).to_be_visible()
    page.locator("#citation-1 .back").press("Enter")
    assert page.url.endswith("#statement-1")


def test_a_card_shows_the_sentence_in_its_paragraph_and_what_the_sources_say(visit):
    page = visit.to(q="Who designed the bridge and when did it open in 1911?", corpus="example")
    card = page.locator(".card.article", has_text="It was designed by").first
    expect(card.locator("mark").first).to_contain_text("Halda Merrowin")
    paragraph = card.locator("blockquote").first
    expect(paragraph).to_contain_text("in Port Ennerby, a harbour town")
    found = " ".join(card.locator(".finding").all_inner_texts())
    assert "Source 2 seems to say this" in found
    assert "Source 3 says 1913, not 1911" in found
    card.get_by_role("link", name="Compare side by side").first.click()
    expect(page.get_by_role("heading", name="The article says")).to_be_visible()


def test_where_the_source_is_and_what_was_read_is_told_on_its_card(visit):
    page = visit.to(q=OPENED, corpus="example")
    card = page.locator("#citation-2")
    expect(card.locator(".state").first).to_have_text("read on the web; the cited page")
    opened = card.get_by_role("link", name="Open at this passage")
    assert "#:~:text=" in opened.get_attribute("href")
    card.get_by_text("Where exactly").click()
    expect(card.locator(".where")).to_contain_text("9b35b516df4bebac.")
    card.get_by_text("Cite", exact=True).click()
    expect(card.locator(".copied")).to_contain_text("“Opened in 1913")


def test_a_citation_is_copied(visit):
    page = visit.to(q=OPENED, corpus="example")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#citation-2 .cite summary").click()
    page.get_by_role("button", name="Copy the text").click()
    expect(page.locator("#told")).to_have_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#citation-2 .copied").inner_text()
    page.get_by_role("button", name="Copy the BibTeX").click()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.startsWith('@'))")
    page.locator("#citation-1").focus()
    page.keyboard.press("c")
    page.wait_for_function(
        "navigator.clipboard.readText().then((text) => text.includes('14 September'))"
    )


def test_a_question_without_an_answer_is_refused_in_words(visit):
    page = visit.to(q=BRAZIL)
    expect(page.locator(".refusal")).to_contain_text("neither the article nor the sources")
    expect(page.locator("#closest-title")).to_contain_text("these do not answer the question")
    assert page.locator(".answer, mark").count() == 0
    assert page.locator(".passages .provenance code").count() > 1
    page.get_by_role("link", name="Sources that were not read").click()
    expect(page.locator(".sources .state").first).to_contain_text("not online")


def test_the_examples_are_answered(visit):
    for corpus in ("default", "example"):
        page = visit.to(corpus=corpus)
        asked = page.locator(".examples a").all_inner_texts()
        assert len(asked) == 4
        for question in asked:
            page = visit.to(q=question, corpus=corpus)
            expect(page.locator("#result")).to_have_attribute("data-status", "answered")


def test_an_arabic_question_runs_from_right_to_left(visit):
    page = visit.to(q=ARABIC)
    arabic = page.locator(".statement", has_text="تستخدم فصائل شيعية")
    marked = page.locator(".card blockquote", has_text="تستخدم فصائل شيعية").first
    for element in (page.locator("#q"), arabic, marked):
        assert element.evaluate("(element) => getComputedStyle(element).direction") == "rtl"
    assert page.evaluate("getComputedStyle(document.body).direction") == "ltr"


def test_another_corpus_and_filters_are_chosen(visit):
    page = visit.to()
    page.locator(".corpora summary").click()
    page.get_by_role("link", name="example").click()
    page.get_by_label("Sources only").check()
    page.get_by_text("Narrow down").click()
    page.get_by_label("Footnote").select_option(label="[3] “Sallowick Bridge”. Visit Ostervey.")
    page.locator("#q").fill(OPENED)
    page.keyboard.press("Enter")
    expect(page.locator("#statement-1 strong")).to_have_text("1913")
    assert "only=sources" in page.url
    assert page.locator(".card").count() == 1
    expect(page.locator("footer")).to_contain_text("Corpus example")


def test_the_theme_is_chosen_and_kept(visiting):
    visit = visiting(color_scheme="dark")
    page = visit.to()
    paper = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(paper) == "rgb(22, 24, 27)"
    page.locator("#theme").click()
    expect(page.locator("#theme")).to_have_text("Light")
    assert visit.to("/sources").evaluate(paper) == "rgb(251, 250, 247)"
    page.keyboard.press("t")
    page.keyboard.press("t")
    assert visit.to().evaluate(paper) == "rgb(22, 24, 27)"


def test_keys_are_listed_and_can_be_switched_off(visit):
    page = visit.to()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Go to the question")
    page.get_by_label("Use these keys on this page").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert focused(page) != "q"
    page.locator("#help-button").click()
    page.get_by_label("Use these keys on this page").check()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/sources")


def test_the_history_is_kept_until_it_is_cleared_or_switched_off(visit):
    visit.to(q=BRAZIL)
    visit.to(q=HOSTILE)
    page = visit.to(q=OPENED, corpus="example")
    assert page.locator("#history li a").all_inner_texts() == [OPENED]
    page = visit.to()
    asked = page.locator("#history li a")
    assert asked.all_inner_texts() == [HOSTILE, BRAZIL]
    expect(page.locator("#history li").nth(1)).to_contain_text("no answer")
    assert page.locator("img").count() == 0
    asked.nth(1).click()
    expect(page.locator("#q")).to_have_value(BRAZIL)
    page.get_by_role("button", name="Clear the list").click()
    assert asked.count() == 0
    page.get_by_label("Keep my questions in this browser").uncheck()
    visit.to(q=BRAZIL)
    assert visit.to().locator("#history li").count() == 0


def test_a_broken_anchor_breaks_nothing(visit):
    page = visit.to("/#%E0%A4%A")
    expect(page.locator("#theme")).to_be_visible()
    page.keyboard.press("/")
    assert focused(page) == "q"


def test_a_shared_link_shows_its_evidence_checked_again(visit):
    page = visit.to(q=OPENED, corpus="example")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the link").click()
    expect(page.locator("#told")).to_have_text("Copied.")
    link = page.evaluate("navigator.clipboard.readText()")
    quoted = page.locator(".card mark").first.inner_text()
    page.goto(link)
    expect(page.locator(".standing")).to_contain_text("stand word for word")
    expect(page.locator(".card mark").first).to_have_text(quoted)
    page.goto(link.replace("&c=", "&c=0123456789abcdef.0123456789abcdef.0-9%2C"))
    expect(page.locator(".standing")).to_contain_text("Not all of this stands")
    expect(page.locator("#citation-1")).to_contain_text("No longer here")
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator("#statement-1 strong")).to_have_text("14 September 1911")
