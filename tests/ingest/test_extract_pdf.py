from __future__ import annotations

import io
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from reportlab.lib.pagesizes import A5
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate

from footnoted.ingest.extract import ExtractionFailed, extract
from footnoted.ingest.extract_pdf import Limits, join_lines, read_pdf
from footnoted.ingest.normalise import normalise

URL = "https://example.org/report.pdf"
FIRST = (
    "The quay was surveyed in the spring of 1952 by two engineers from the harbour office, who "
    "found the piles sound below the low-water line and rotten above it. They advised that the "
    "timber be cut off at the line and concrete be poured on top."
)
SECOND = "The work took nine weeks and cost less than had been voted for it."


def report(title: str = "Survey of the Quay", author: str = "A. Wennick and B. Tarn") -> bytes:
    out = io.BytesIO()
    style = getSampleStyleSheet()["BodyText"]
    document = SimpleDocTemplate(out, pagesize=A5, title=title, author=author)
    document.build([Paragraph(FIRST, style), PageBreak(), Paragraph(SECOND, style)])
    return out.getvalue()


def drawn(draw: Callable[[Canvas], None], encrypt: StandardEncryption | None = None) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, encrypt=encrypt)
    draw(canvas)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def test_the_words_of_each_page_and_where_it_begins() -> None:
    found = extract(report(), "application/pdf", URL)
    assert found.text == f"{FIRST}\n\n{SECOND}"
    assert found.pages == (0, len(FIRST) + 2)
    assert found.text[found.pages[1] :] == SECOND
    assert normalise(found.text) == found.text
    assert found.title == "Survey of the Quay"
    assert found.authors == ("A. Wennick", "B. Tarn")
    assert (found.language, found.published) == ("en", None)
    assert found.extractor.startswith("pypdf ")
    assert found.extractor.endswith("/footnoted-pdf 2")


def test_the_same_bytes_give_the_same_text() -> None:
    body = report()
    assert extract(body, "application/pdf", URL) == extract(body, "application/pdf", URL)


def test_a_program_s_idea_of_title_and_author_is_not_used() -> None:
    found = extract(report("Microsoft Word - final2.doc", "(anonymous)"), "application/pdf", URL)
    assert found.title == ""
    assert found.authors == ()


def test_a_page_without_text_keeps_its_number() -> None:
    def draw(canvas: Canvas) -> None:
        for words in ("Before the picture.", "", "After the picture.", ""):
            canvas.drawString(72, 700, words)
            canvas.showPage()

    found = extract(drawn(draw), "application/pdf", URL)
    assert found.text == "Before the picture.\n\nAfter the picture."
    assert found.pages[:4] == (0, 21, 21, len(found.text))


def test_an_encrypted_pdf_needs_its_password() -> None:
    locked = StandardEncryption("secret", canPrint=0)
    body = drawn(lambda canvas: canvas.drawString(72, 700, "Nobody reads this."), locked)
    with pytest.raises(ExtractionFailed, match="encrypted and needs a password") as caught:
        extract(body, "application/pdf", URL)
    assert caught.value.about == URL


def test_a_pdf_that_anybody_may_open_is_read() -> None:
    opened = StandardEncryption("", ownerPassword="owner")
    body = drawn(lambda canvas: canvas.drawString(72, 700, "Everybody may read this."), opened)
    assert extract(body, "application/pdf", URL).text == "Everybody may read this."


def test_a_scan_is_said_to_be_one() -> None:
    body = drawn(lambda canvas: canvas.rect(72, 72, 200, 200))
    with pytest.raises(ExtractionFailed, match="no text in them; they may be scanned"):
        extract(body, "application/pdf", URL)


@pytest.mark.parametrize("body", [b"%PDF-1.4\nnothing", report()[:400], b"%PDF-1.7" + bytes(999)])
def test_a_broken_pdf_is_said_to_be_broken(body: bytes) -> None:
    with pytest.raises(ExtractionFailed, match="broken"):
        extract(body, "application/pdf", URL)


def bomb() -> bytes:
    """A page whose content asks pypdf to build a long list, again and again."""
    return drawn(lambda canvas: canvas._code.append("BT /F1 12 Tf (word) Tj ET\n" * 150_000))


def test_time_is_limited() -> None:
    with pytest.raises(ExtractionFailed, match="within 1 seconds of processor time"):
        read_pdf(bomb(), URL, Limits(cpu_s=1))
    with pytest.raises(ExtractionFailed, match=r"within 0\.2 seconds"):
        read_pdf(bomb(), URL, Limits(wall_s=0.2))


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS does not bind elsewhere")
def test_memory_is_limited() -> None:
    with pytest.raises(ExtractionFailed, match="more than 120 MB of memory"):
        read_pdf(bomb(), URL, Limits(memory_mb=120))


def test_the_parent_never_loads_pypdf_and_the_child_sees_no_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: dict[str, Any] = {}
    run = subprocess.run

    def spy(*args: object, **options: object) -> object:
        seen.update(options)
        return run(*args, **options)  # type: ignore[call-overload]

    monkeypatch.setenv("FOOTNOTED_TEST_SECRET", "key")
    monkeypatch.setattr(subprocess, "run", spy)
    extract(report(), "application/pdf", URL)
    own = {"PYTHONPATH", "PYTHONHASHSEED", "PYTHONUTF8", "OPENBLAS_NUM_THREADS"}
    assert set(seen["env"]) <= own | {"SYSTEMROOT"}
    code = "import sys, footnoted.ingest.extract_pdf; print('pypdf' in sys.modules)"
    assert run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"False\n"


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (
            ["The harbour office sent two engi-", "neers to the quay on Monday."],
            "The harbour office sent two engineers to the quay on Monday.",
        ),
        (
            ["A well-known fact about well-", "known quays is the rot in them."],
            "A well-known fact about well-known quays is the rot in them.",
        ),
        (
            ["They came by the Port-", "Sallow line, in the rain."],
            "They came by the Port- Sallow line, in the rain.",
        ),
        (
            ["A paragraph runs on to a line which", "ends it.", "Another begins here and runs on."],
            "A paragraph runs on to a line which ends it.\n\nAnother begins here and runs on.",
        ),
        (
            ["What was needed for the work at the quay:", "• timber", "• lime", "2) a barge"],
            "What was needed for the work at the quay:\n\n• timber\n\n• lime\n\n2) a barge",
        ),
        (["One", "", "", "two"], "One\n\ntwo"),
        ([], ""),
    ],
)
def test_lines_become_paragraphs(lines: list[str], text: str) -> None:
    assert join_lines(lines, Counter(["well-known", "engineers"])) == text
