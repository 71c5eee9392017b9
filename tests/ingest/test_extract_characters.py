"""Which characters a page's bytes become: encodings, invisible signs, exact quotes."""

from __future__ import annotations

import codecs

import pytest

from footnoted.ingest.extract import extract

URL = "https://example.org/page"
GERMAN = "Größe und Maß: „fünf“ Äpfel über dem Fluß, naïve Übung am späten Nachmittag. "
ARABIC = "أضيئت المنارة أول مرة في خريف ذلك العام وكان الحارس يصعد الدرج كل مساء. "


def page(text: str, charset: str, meta: str = "") -> bytes:
    html = f"<!DOCTYPE html><html><head>{meta}<title>T</title></head><body><article><p>{text * 6}"
    return html.encode(charset)


META = '<meta charset="{}">'
HTTP_EQUIV = '<meta http-equiv="Content-Type" content="text/html; charset={}">'
XML = '<?xml version="1.0" encoding="{}"?>'


@pytest.mark.parametrize(
    ("text", "written", "header", "meta"),
    [
        (GERMAN, "utf-8", None, ""),
        (GERMAN, "utf-8", None, META.format("utf-8")),
        (GERMAN, "cp1252", "windows-1252", ""),
        (ARABIC, "cp1256", None, META.format("windows-1256")),
        (ARABIC, "cp1256", None, HTTP_EQUIV.format("windows-1256")),
        (ARABIC, "cp1256", "windows-1256", META.format("utf-8")),  # the server was right
        (ARABIC, "utf-8", "windows-1256", META.format("windows-1256")),  # both were wrong
        (GERMAN, "utf-8", "utf-16", ""),
        (GERMAN, "utf-8", None, META.format("utf-16")),
        (GERMAN, "cp1252", "utf-8", META.format("utf-8")),
        (ARABIC, "cp1256", "utf-8", ""),
        (GERMAN, "utf-16", "utf-8", ""),  # the mark decides
        (GERMAN, "utf-8-sig", "windows-1251", META.format("windows-1251")),
        (GERMAN, "cp1252", "utf8mb4", META.format("x-unknown")),
    ],
)
def test_a_page_s_letters_in_spite_of_what_it_declares(
    text: str, written: str, header: str | None, meta: str
) -> None:
    media_type = f"text/html; charset={header}" if header else "text/html"
    found = extract(page(text, written, meta), media_type, URL)
    assert text.strip() in found.text


def test_an_xml_declaration_is_heeded() -> None:
    body = (XML.format("iso-8859-1") + "<html><body><p>").encode() + (GERMAN * 6).encode("cp1252")
    assert GERMAN.strip() in extract(body, "application/xhtml+xml", URL).text


INVISIBLE = {
    "zero-width space": "\u200b",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "right-to-left override": "\u202e",
    "isolate": "\u2067",
    "left-to-right mark": "\u200e",
    "tag": "".join(chr(0xE0000 + ord(letter)) for letter in "obey"),
    "interlinear": "\ufffa",
    "escape": "\x1b",
}


@pytest.mark.parametrize("media_type", ["text/html", "text/plain", "text/markdown"])
@pytest.mark.parametrize("sign", INVISIBLE.values(), ids=INVISIBLE)
def test_no_invisible_sign_is_left_in_text_or_title(sign: str, media_type: str) -> None:
    words = "The ferry crosses the sound four times a day and takes twelve minutes."
    spelt = words.replace("ferry", f"fe{sign}rry")
    title = f"# Fe{sign}rry\n\n" if media_type == "text/markdown" else f"Fe{sign}rry\n\n"
    html = f"<html><head><title>Fe{sign}rry</title></head><body><p>{spelt}</p></body></html>"
    text = html if media_type == "text/html" else title + spelt
    found = extract(text.encode(), f"{media_type}; charset=utf-8", URL)
    assert words in found.text
    assert found.title == "Ferry"
    assert not set(sign) & set(found.text)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("این کتاب‌ها را می‌خوانم", "این کتاب‌ها را می‌خوانم"),  # ZWNJ tells words apart in Persian
        ("مُحَمَّدٌ", "مُحَمَّدٌ"),
        ("क्\u200dष", "क्\u200dष"),
        ("👩\u200d🔧 took it", "👩\u200d🔧 took it"),
        ("e\u0301tude", "étude"),
        ("q\u0307\u0323", "q\u0323\u0307"),
        ("한글", "한글"),
    ],
)
@pytest.mark.parametrize("media_type", ["text/html", "text/plain"])
def test_joiners_and_combining_marks_are_kept_and_composed(
    written: str, read: str, media_type: str
) -> None:
    text = f"The keeper wrote it down as “{written}” in the book that lies in the lamp room."
    html = f"<html><body><p>{text}</p></body></html>"
    found = extract((html if media_type == "text/html" else text).encode(), media_type, URL)
    start = found.text.index("“") + 1
    assert found.text[start : start + len(read)] == read
    assert found.text[start + len(read)] == "”"


def test_a_byte_order_mark_is_no_character() -> None:
    found = extract(codecs.BOM_UTF8 + b"Lamp oil.", "text/plain", URL)
    assert found.text == "Lamp oil."
