"""The report in a real browser, opened from a file, as a researcher would."""

from __future__ import annotations

import shutil

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from footnoted.eval.html.report import ReportedSet, html_report
from footnoted.eval.runs import Gate, evaluate

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HOSTILE = "</script><img src=x onerror=document.title='owned'>\u202e <b>x"


@pytest.fixture(scope="module")
def chrome(chromium, tmp_path_factory):
    """One browser for all tests, with a fresh profile; what it logs is kept."""
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in FLAGS:
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    # Named, or selenium would look for one on the network; the fixture `chromium` has found it.
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    yield driver
    driver.quit()


@pytest.fixture
def report(chrome, world, tmp_path):
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
    emulate(chrome, 1280, "light")
    chrome.get(path.as_uri())
    yield chrome
    # A style or script that the policy forbids, or a request, would be logged.
    assert chrome.get_log("browser") == []


def emulate(browser, width, scheme):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
    )
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def shown(browser, at="set-1"):
    names = browser.find_elements(By.CSS_SELECTOR, f"#{at} .questions tbody th")
    return [name.text for name in names if name.is_displayed()]


def field(browser, name):
    return browser.find_element(By.CSS_SELECTOR, f"#set-1 [name={name}]")


def test_questions_are_filtered_by_words_tag_and_outcome(report):
    everything = [f"a{i}" for i in range(8)] + [f"u{i}" for i in range(4)]
    assert shown(report) == everything
    Select(field(report, "outcome")).select_by_visible_text("failed")
    assert shown(report) == ["a0", "a1", "u0"]
    assert report.find_element(By.CSS_SELECTOR, "#set-1 output").text == "3 of 12 shown"
    assert shown(report, "set-2") == everything
    Select(field(report, "tag")).select_by_visible_text("early")
    assert shown(report) == ["a0", "a1"]
    Select(field(report, "outcome")).select_by_visible_text("refused")
    assert shown(report) == ["a0"]
    report.find_element(By.CSS_SELECTOR, "#set-1 [type=reset]").click()
    assert shown(report) == everything
    field(report, "words").send_keys("HOLM keeper")  # in the answers given to a1 and a2
    assert shown(report) == ["a1", "a2"]
    field(report, "words").clear()
    field(report, "words").send_keys("<b>x", Keys.ENTER)
    assert shown(report) == ["u0"]
    assert report.current_url.endswith("report.html")


def test_questions_are_sorted_and_opened_by_keyboard(report):
    def heading(name):
        cells = report.find_elements(By.CSS_SELECTOR, "#set-1 .questions thead th")
        return next(cell for cell in cells if cell.text.rstrip(" ▲▼") == name)

    heading("confidence").find_element(By.TAG_NAME, "button").send_keys(Keys.ENTER)
    assert heading("confidence").get_attribute("aria-sort") == "ascending"
    assert shown(report)[:4] == ["u1", "u2", "u3", "a0"]  # 0.11, 0.12, 0.13, 0.2
    heading("confidence").find_element(By.TAG_NAME, "button").send_keys(Keys.ENTER)
    assert heading("confidence").get_attribute("aria-sort") == "descending"
    assert shown(report)[0] == "a7"
    heading("answer").find_element(By.TAG_NAME, "button").send_keys(Keys.SPACE)
    assert shown(report)[:2] == ["a1", "a0"]  # both 0, in the order before
    assert {name[0] for name in shown(report)[-4:]} == {"u"}  # not measured: last
    assert heading("confidence").get_attribute("aria-sort") is None
    summary = report.find_element(By.CSS_SELECTOR, "#set-1 .questions summary")
    summary.send_keys(Keys.ENTER)
    opened = report.find_element(By.CSS_SELECTOR, "#set-1 details[open]")
    assert "Its first keeper was Ada Holm. [1]" in opened.text
    report.find_element(By.CSS_SELECTOR, "#set-1 [name=open]").click()
    assert len(report.find_elements(By.CSS_SELECTOR, "#set-1 details.question[open]")) == 12
    assert report.find_elements(By.CSS_SELECTOR, "img") == []
    assert report.title.startswith("Report </script><img")


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_the_page_fits_the_window(report, width, scheme):
    emulate(report, width, scheme)
    report.find_element(By.CSS_SELECTOR, "#set-1 [name=open]").click()
    wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert report.execute_script(wide) <= 0
    paper = report.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(253, 252, 250)" if scheme == "light" else "rgb(23, 25, 28)")
    for selector in ("#set-1 details.question", "#set-1 .plot", "#set-1 caption > span"):
        element = report.find_element(By.CSS_SELECTOR, selector)
        box = report.execute_script("return arguments[0].getBoundingClientRect().toJSON()", element)
        assert box["left"] >= 0, selector
        assert box["right"] <= width, selector
        assert box["width"] > 200, selector
