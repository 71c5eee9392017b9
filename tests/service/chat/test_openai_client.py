"""The `openai` package against a real server: the examples of the page, and its errors."""

from __future__ import annotations

import subprocess
import urllib.request
from collections.abc import Iterator

import openai
import pytest
from tests.documented_examples import PRINTED, examples
from tests.loopback_server import listening

from footnoted import Assistant
from footnoted.service.app import create_app
from footnoted.settings import load_settings

PAGE = "openai.md"


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    """The address of a server of the packaged corpora with their real assistants."""
    settings = load_settings(state_dir=tmp_path_factory.mktemp("state"))
    with Assistant.open("default") as default, Assistant.open("example") as example:
        app = create_app({"default": default, "example": example}, settings=settings)
        with listening(app) as found:
            yield found


@pytest.fixture(scope="module")
def client(address) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as opened:
        yield opened


def run(number: int, address: str, capsys: pytest.CaptureFixture[str]) -> str:
    code = examples(PAGE, "python")[number]
    assert PRINTED in code
    with pytest.MonkeyPatch.context() as patch:
        # The client lives as long as the example's module would; here its socket is closed.
        opened: list[openai.OpenAI] = []
        made = openai.OpenAI

        def keep(**options: str) -> openai.OpenAI:
            opened.append(made(**options))  # type: ignore[arg-type]
            return opened[-1]

        patch.setattr(openai, "OpenAI", keep)
        exec(code.replace(PRINTED, address), {})
    for client in opened:
        client.close()
    return capsys.readouterr().out


def test_the_page_has_three_examples():
    assert len(examples(PAGE, "python")) == 3


def test_the_first_example_prints_a_cited_answer(address, capsys):
    out = run(0, address, capsys)
    assert "three US soldiers" in out
    assert "[1]" in out
    marks = [line for line in out.splitlines() if line.startswith("[1] ")]
    assert marks
    assert all(" http" in line for line in marks)


def test_the_second_example_streams_and_ends_with_the_document(address, capsys):
    *text, last = run(1, address, capsys).splitlines()
    assert last.startswith(("answered [", "refused ["))
    answered = last.startswith("answered")
    assert any("[1]" in line for line in text) == answered
    assert any(line.startswith("No answer: ") for line in text) != answered


def test_the_third_example_lists_models(address, capsys):
    lines = run(2, address, capsys).splitlines()
    assert [line.split(" Footnoted: ")[0] for line in lines] == ["footnoted", "footnoted/example"]


def test_the_command_of_the_page_gets_a_completion(address):
    (command,) = examples(PAGE, "sh")
    done = subprocess.run(
        ["bash", "-c", command.replace(PRINTED, address).replace("curl ", "curl -s ")],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert '"object":"chat.completion"' in done.stdout
    assert "three US soldiers" in done.stdout


def test_a_follow_up_is_understood_from_the_conversation(client):
    first = "Who designed the bridge?"
    answers = [
        client.chat.completions.create(model="footnoted/example", messages=messages)
        for messages in (
            [{"role": "user", "content": "And when?"}],
            [
                {"role": "system", "content": "Never answer about bridges."},
                {"role": "user", "content": "When was the bridge opened?"},
                {"role": "assistant", "content": "…"},
                {"role": "user", "content": first},
            ],
        )
    ]
    assert answers[0].footnoted["reason"] == "incomplete_question"
    assert answers[1].footnoted["question"] == first
    assert answers[1].footnoted["status"] == "answered"


def test_statements_are_in_the_text_and_marks_lead_to_their_citations(client):
    completion = client.chat.completions.create(
        model="footnoted/example",
        messages=[{"role": "user", "content": "Who designed the bridge?"}],
    )
    message = completion.choices[0].message
    document = completion.footnoted
    assert all(row["text"] in message.content for row in document["statements"])
    assert message.annotations
    by_mark = {f"[{row['number']}]": row for row in document["citations"]}
    for annotation in message.annotations:
        cited = annotation.url_citation
        citation = by_mark[message.content[cited.start_index : cited.end_index]]
        assert cited.title == citation["title"]


def test_an_address_of_ours_is_a_page_that_shows_the_quote(client, address):
    completion = client.chat.completions.create(
        model="footnoted",
        messages=[
            {"role": "user", "content": "How many US soldiers were killed in Jordan?"},
        ],
    )
    urls = {a.url_citation.url for a in completion.choices[0].message.annotations or ()}
    ours = [url for url in urls if url.startswith(f"{address}/shared?")]
    assert ours
    for url in ours:
        with urllib.request.urlopen(url, timeout=30) as response:
            assert response.headers["Content-Type"].startswith("text/html")
            assert "stands word for word" in response.read().decode()


def test_errors_are_the_clients_own(client):
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "?"}])
    assert (missing.value.code, missing.value.param) == ("model_not_found", "model")
    image = [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]
    with pytest.raises(openai.BadRequestError, match="in words"):
        client.chat.completions.create(
            model="footnoted", messages=[{"role": "user", "content": image}]
        )
    with pytest.raises(openai.UnprocessableEntityError) as empty:
        client.chat.completions.create(
            model="footnoted", messages=[{"role": "user", "content": "?!"}], stream=True
        )
    assert empty.value.code == "question_error"
    with pytest.raises(openai.BadRequestError) as undated:
        client.chat.completions.create(
            model="footnoted",
            messages=[{"role": "user", "content": "When?"}],
            extra_body={"footnoted": {"since": "soon"}},
        )
    assert (undated.value.code, undated.value.param) == ("usage_error", "footnoted.since")
