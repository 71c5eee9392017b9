"""Documents checked against their types."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter


def check_described(shape: Any, document: Any) -> None:
    """Fail unless ``document`` has exactly the keys and types of ``shape``."""
    kept = TypeAdapter(shape).validate_python(document, strict=True)
    assert TypeAdapter(shape).dump_python(kept, mode="json", exclude_unset=True) == document
