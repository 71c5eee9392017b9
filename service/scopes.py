"""What a key can grant; its own module, so that who only makes keys loads no web framework."""

from __future__ import annotations

from typing import Literal, TypeAlias

Scope: TypeAlias = Literal["read", "admin"]
"""``read``: whatever is read; ``admin``: what changes something, and reading too."""
