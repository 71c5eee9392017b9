"""Words and addresses of somebody else's, made fit for formats that are lines of text."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from footnoted.domain import Json

# What no line of text needs: controls, overrides and embeddings of direction, language tags, half
# surrogates. Marks and joiners, without which words of many scripts are wrong, stay.
_UNSEEN = (
    "\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
    "\ud800-\udfff"
)
_CONTROLS = re.compile(f"[{_UNSEEN}]")
# What may not stand in an address (RFC 3986, 2), or would end it in one of our formats.
_NO_ADDRESS = re.compile(f'[\\s"<>\\\\^`{{|}}{_UNSEEN}]')


def one_line(value: object) -> str:
    """``value`` as one line of visible text; white space of every kind becomes one blank."""
    return _CONTROLS.sub("", " ".join(str(value).split())).strip()


def web_address(url: object) -> str | None:
    """``url`` in characters that no format takes for its own, where it is an http(s) address.

    ``None`` for another scheme, and for a user name in it: that mostly pretends to be a host.
    """
    if not isinstance(url, str):
        return None
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    return _NO_ADDRESS.sub(percent_encoded, url.strip())


def percent_encoded(match: re.Match[str]) -> str:
    """The bytes of a match as percent signs with two digits (RFC 3986, 2.1)."""
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "replace"))


def date_parts(work: Json, field: str = "issued") -> tuple[int, ...]:
    """The year, month and day of a CSL date, as far as they are known; of a range, its begin."""
    lists = (work.get(field) or {}).get("date-parts") or [[]]
    return tuple(int(part) for part in lists[0][:3])


def iso_date(work: Json, field: str = "issued") -> str | None:
    """A CSL date as ISO 8601 writes it, as precise as it is."""
    parts = date_parts(work, field)
    return (
        "-".join(f"{part:04d}" if n == 0 else f"{part:02d}" for n, part in enumerate(parts)) or None
    )
