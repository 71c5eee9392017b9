"""A researcher at the page: a real browser, a real server on loopback, the packaged corpus."""

from __future__ import annotations

import base64
import json
import shutil
import threading
import time
from urllib.parse import quote, urlsplit

import pytest
import uvicorn
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from footnoted import Assistant
from footnoted.service.app import create_app

JORDAN = "How many US soldiers were killed in Jordan on 28 January 2024?"
BRAZIL = "Who is the president of Brazil?"
HOSTILE = "<img src=x onerror=alert(1)>"
ARABIC = "كم عدد الجنود الأمريكيين الذين قتلوا في الأردن؟"
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def origin():
    """The address of a server on loopback that answers from the packaged corpora."""
    with Assistant.open("default") as default, Assistant.open("example") as example:
        app = create_app({"default": default, "example": example})
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def chrome(chromium, tmp_path_factory):
    """One browser for all tests: fresh profile, no network of its own, every request recorded."""
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in FLAGS:
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    # Named, or selenium would look for one on the network; the fixture `chromium` has found it.
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    yield driver
    driver.quit()


@pytest.fixture
def browser(chrome, origin):
    """The browser; afterwards it must have logged no error and left the origin with no request."""
    chrome.get("about:blank")
    for kind in ("browser", "performance"):
        chrome.get_log(kind)
    emulate(chrome, 1280, "light")
    yield chrome
    assert [entry for entry in chrome.get_log("browser") if entry["level"] == "SEVERE"] == []
    asked = requests_of(chrome)
    assert {f"{urlsplit(url).scheme}://{urlsplit(url).netloc}" for url in asked} == {origin}


def emulate(browser, width, scheme):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
    )
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def requests_of(browser):
    messages = [json.loads(e["message"])["message"] for e in browser.get_log("performance")]
    return [
        m["params"]["request"]["url"]
        for m in messages
        if m["method"] == "Network.requestWillBeSent"
    ]


def ask(browser, origin, question, **chosen):
    more = "".join(f"&{name}={quote(value)}" for name, value in chosen.items())
    browser.get(f"{origin}/?q={quote(question)}{more}")


def text_of(browser, selector):
    return browser.find_element(By.CSS_SELECTOR, selector).text


def texts_of(browser, selector):
    return [element.text for element in browser.find_elements(By.CSS_SELECTOR, selector)]


def screenshot(browser, path):
    size = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
    clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 4000), "scale": 1}
    shot = browser.execute_cdp_cmd(
        "Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip}
    )
    path.write_bytes(base64.b64decode(shot["data"]))
    assert path.stat().st_size > 10_000


def test_the_jordan_question_by_keyboard_alone(browser, origin):
    browser.get(f"{origin}/")
    keys = browser.switch_to.active_element
    for _ in range(4):  # skip link, name, API, question
        keys.send_keys(Keys.TAB)
        keys = browser.switch_to.active_element
    assert keys.get_attribute("id") == "q"
    assert browser.execute_script(
        "return getComputedStyle(arguments[0]).outlineStyle", keys
    ) not in ("none", "")
    keys.send_keys(JORDAN, Keys.ENTER)
    WebDriverWait(browser, 20).until(lambda b: b.find_elements(By.CSS_SELECTOR, ".statement"))
    assert "three" in text_of(browser, "#statement-1 .words")
    assert [sign.strip("[]") for sign in texts_of(browser, "#statement-1 .signs a")] == [
        "7",
        "8",
        "9",
        "10",
        "11",
    ]
    assert text_of(browser, "#statement-1 strong") == "three"
    assert "article" in text_of(browser, "#citation-1 .kind").lower()


def test_a_note_leads_to_its_evidence_and_back(browser, origin):
    ask(browser, origin, JORDAN)
    browser.find_element(By.CSS_SELECTOR, "#statement-1 .note").send_keys(Keys.ENTER)
    assert browser.current_url.endswith("#citation-1")
    card = browser.find_element(By.ID, "citation-1")
    top = browser.execute_script("return arguments[0].getBoundingClientRect().top", card)
    assert -1 <= top < 900
    browser.find_element(By.CSS_SELECTOR, "#citation-1 .signs a").send_keys(Keys.ENTER)
    assert browser.current_url.endswith("#citation-1-footnote-1")
    browser.find_element(By.CSS_SELECTOR, "#citation-1 .back").send_keys(Keys.ENTER)
    assert browser.current_url.endswith("#statement-1")


def test_the_evidence_tells_what_was_read_and_marks_the_quote(browser, origin):
    ask(browser, origin, JORDAN)
    states = texts_of(browser, "#citation-1 .footnotes .state")
    assert len(states) == 5
    assert "known by a digest, not read" in states
    quoted = text_of(browser, "#citation-1 blockquote").split("[")[0].strip()
    marks = texts_of(browser, ".passages mark")
    assert any(quoted in mark for mark in marks)
    assert "13 references: 0 read, 9 known by a digest, 4 not read." in text_of(browser, ".sources")
    assert "CC BY-SA" in text_of(browser, "footer")


def test_a_question_without_an_answer_is_refused_in_words(browser, origin):
    ask(browser, origin, BRAZIL)
    assert browser.find_elements(By.CSS_SELECTOR, ".answer, mark") == []
    assert "No answer" in text_of(browser, ".refusal")
    assert "these do not answer the question" in text_of(browser, "#closest-title")
    assert texts_of(browser, ".passages .provenance code")


def test_a_hostile_question_is_only_words(browser, origin):
    ask(browser, origin, HOSTILE)
    assert browser.find_elements(By.CSS_SELECTOR, "img, script") == []
    field = browser.find_element(By.ID, "q")
    assert field.get_attribute("value") == HOSTILE
    assert HOSTILE in browser.title


def test_the_arabic_question_runs_from_right_to_left(browser, origin, tmp_path):
    ask(browser, origin, ARABIC)
    field = browser.find_element(By.ID, "q")
    assert browser.execute_script("return getComputedStyle(arguments[0]).direction", field) == "rtl"
    screenshot(browser, tmp_path / "arabic.png")


def test_another_corpus_and_a_filter_are_chosen_in_the_form(browser, origin):
    browser.get(f"{origin}/")
    browser.find_element(By.CSS_SELECTOR, "option[value=example]").click()
    browser.find_element(By.CSS_SELECTOR, "input[value=article]").click()
    browser.find_element(By.ID, "q").send_keys("Sallowick", Keys.ENTER)
    WebDriverWait(browser, 20).until(lambda b: "corpus=example" in b.current_url)
    assert "only=article" in browser.current_url
    assert "Corpus example" in text_of(browser, "footer")


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (1280, "dark")])
def test_no_page_is_wider_than_the_window(browser, origin, tmp_path, width, scheme):
    emulate(browser, width, scheme)
    paths = ["/", f"/?q={quote(JORDAN)}", f"/?q={quote(BRAZIL)}", f"/?q={'x' * 400}", "/docs"]
    for number, path in enumerate(paths):
        browser.get(f"{origin}{path}")
        wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert browser.execute_script(wide) <= 0, path
        paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
        assert paper == ("rgb(253, 252, 250)" if scheme == "light" else "rgb(23, 25, 28)")
        if number == 1:
            screenshot(browser, tmp_path / f"answer-{width}-{scheme}.png")
