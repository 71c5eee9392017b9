"""The whole OpenAPI document against the application: every check, on a real corpus.

Schemathesis sends what fits the document and what does not, and every check that it knows looks at
what comes back: documented statuses, types, shapes and headers, valid requests taken, invalid ones
refused, other methods refused, nothing broken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import NonFatalError, ScenarioFinished

from footnoted import Assistant, Settings
from footnoted.service.app import create_app

EXAMPLES = 5
# A question without a word in it, a date that no calendar has, a source that the corpus lacks: they
# fit whatever a schema can say. The check below sees that none is refused for its form.
ACCEPTED = ["2xx", "3xx", "400", "401", "403", "404", "409", "410", "412", "422", "428"]
CONFIG = {
    "generation": {
        "max-examples": EXAMPLES,
        "deterministic": True,
        "database": "none",
        "with-security-parameters": False,
    },
    "phases": {"stateful": {"max-steps": 3, "generation": {"max-examples": 2}}},
    "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}},
}


@schemathesis.check
def refused_for_its_sense_alone(ctx: Any, response: Any, case: Any) -> None:
    """A request that fits the schema is never an invalid request."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if response.status_code == 422:
        assert response.json().get("type") != "urn:footnoted:problem:invalid-request", response.text


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    chosen = Settings(reader=False, state_dir=tmp_path_factory.mktemp("state"))
    with Assistant.open("example", settings=chosen) as assistant:
        assistant.load()
        app = create_app({"example": assistant}, settings=chosen, allowed_hosts=["*"])
        config = SchemathesisConfig.from_dict(CONFIG)
        yield schemathesis.openapi.from_asgi("/openapi.json", app, config=config)


def test_every_operation_keeps_to_its_description(schema: Any) -> None:
    failures: list[str] = []
    asked: Counter[str] = Counter()
    for event in from_schema(schema).execute():
        if isinstance(event, NonFatalError):
            failures.append(f"{event.label}: {event.value!r}")
        if not isinstance(event, ScenarioFinished):
            continue
        for case_id, checks in event.recorder.checks.items():
            case = event.recorder.cases[case_id].value
            asked[case.operation.label] += 1
            for check in checks:
                if check.failure_info is not None:
                    failure = check.failure_info.failure
                    failures.append(
                        f"{case.operation.label}: {check.name}: {failure.title}: "
                        f"{failure.message}\n    {check.failure_info.code_sample}"
                    )
    assert not failures, f"{len(failures)} failures:\n" + "\n".join(dict.fromkeys(failures))
    assert {"POST /v1/ask", "GET /v1/sources/{reference_id}", "GET /v1/export"} <= asked.keys()
