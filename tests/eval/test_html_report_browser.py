"""The report in a real browser, opened from a file, as a researcher would."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from footnoted.eval.html.report import ReportedSet, html_report
from footnoted.eval.runs import Gate, evaluate

HOSTILE = "</script><img src=x onerror=document.title='owned'>\u202e <b>x"


@pytest.fixture
def report(browser, world, tmp_path):
    """The browser at a report of two sets: a0 refused, a1 wrong, u0 (hostile) answered."""
    world.documents["a0"] = world.refusal("not_in_corpus", 0.2)
    world.documents["a1"] |= {"statements": world.answer(2, 0.9)["statements"]}
    world.documents["u0"] = world.answer(2, 0.9)
    world.documents["u0"]["statements"][0] |= {"text": HOSTILE, "span": None}
    found = evaluate(
        world.questions, world.documents, world.qrels, world.texts, seed=1, name="light",
        gates=[Gate("answer_recall", at_least=0.9)],
    )  # fmt: skip
    page = html_report(
        [ReportedSet(found, world.documents), ReportedSet(found)],
        title=f"Report {HOSTILE}",
        created_at="2026-11-22T22:10:00Z",
        seed=1,
    )
    path = tmp_path / "report.html"
    path.write_text(page, "utf-8")
    opened = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="light")
    logged: list[str] = []
    opened.on("console", lambda message: logged.append(message.text))
    opened.on("pageerror", lambda error: logged.append(str(error)))
    opened.goto(path.as_uri())
    yield opened
    opened.close()
    # A style or script that the policy forbids, or a request, would be logged.
    assert logged == []


def shown(page, at="set-1"):
    names = page.locator(f"#{at} .questions tbody th")
    return names.locator("visible=true").all_inner_texts()


def field(page, name):
    return page.locator(f"#set-1 [name={name}]")


def test_questions_are_filtered_by_words_tag_and_outcome(report):
    everything = [f"a{i}" for i in range(8)] + [f"u{i}" for i in range(4)]
    assert shown(report) == everything
    field(report, "outcome").select_option(label="failed")
    assert shown(report) == ["a0", "a1", "u0"]
    expect(report.locator("#set-1 output")).to_have_text("3 of 12 shown")
    assert shown(report, "set-2") == everything
    field(report, "tag").select_option(label="early")
    assert shown(report) == ["a0", "a1"]
    field(report, "outcome").select_option(label="refused")
    assert shown(report) == ["a0"]
    report.locator("#set-1 [type=reset]").click()
    expect(report.locator("#set-1 output")).to_have_text("12 of 12 shown")  # in a later turn
    assert shown(report) == everything
    field(report, "words").press_sequentially("HOLM keeper")  # in the answers given to a1 and a2
    assert shown(report) == ["a1", "a2"]
    field(report, "words").fill("")
    field(report, "words").press_sequentially("<b>x")
    field(report, "words").press("Enter")
    assert shown(report) == ["u0"]
    assert report.url.endswith("report.html")


def test_questions_are_sorted_and_opened_by_keyboard(report):
    def heading(name):
        cells = report.locator("#set-1 .questions thead th")
        return next(cell for cell in cells.all() if cell.inner_text().rstrip(" ▲▼") == name)

    heading("confidence").get_by_role("button").press("Enter")
    assert heading("confidence").get_attribute("aria-sort") == "ascending"
    assert shown(report)[:4] == ["u1", "u2", "u3", "a0"]  # 0.11, 0.12, 0.13, 0.2
    heading("confidence").get_by_role("button").press("Enter")
    assert heading("confidence").get_attribute("aria-sort") == "descending"
    assert shown(report)[0] == "a7"
    heading("answer").get_by_role("button").press("Space")
    assert shown(report)[:2] == ["a1", "a0"]  # both 0, in the order before
    assert {name[0] for name in shown(report)[-4:]} == {"u"}  # not measured: last
    assert heading("confidence").get_attribute("aria-sort") is None
    report.locator("#set-1 .questions summary").first.press("Enter")
    opened = report.locator("#set-1 details[open]").first
    expect(opened).to_contain_text("Its first keeper was Ada Holm. [1]")
    report.locator("#set-1 [name=open]").click()
    assert report.locator("#set-1 details.question[open]").count() == 12
    assert report.locator("img").count() == 0
    assert report.title().startswith("Report </script><img")


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_the_page_fits_the_window(report, width, scheme):
    report.set_viewport_size({"width": width, "height": 900})
    report.emulate_media(color_scheme=scheme)
    report.locator("#set-1 [name=open]").click()
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert report.evaluate(wide) <= 0
    paper = report.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(251, 250, 247)" if scheme == "light" else "rgb(22, 24, 27)")
    for selector in ("#set-1 details.question", "#set-1 .plot", "#set-1 caption > span"):
        box = report.locator(selector).first.bounding_box()
        assert box["x"] >= 0, selector
        assert box["x"] + box["width"] <= width, selector
        assert box["width"] > 200, selector
