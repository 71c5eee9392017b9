"""Where a server is, and what is sent to it: its address, a key, an id within a path."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import quote

import httpx2

from footnoted import errors

DEFAULT_URL = "http://127.0.0.1:8321"


def address(base_url: str) -> httpx2.URL:
    """``base_url`` as an address to which paths are added."""
    try:
        url = httpx2.URL(base_url)
    except (httpx2.InvalidURL, TypeError) as error:
        raise _wrong_address(base_url, str(error)) from error
    if url.scheme not in ("http", "https") or not url.host:
        raise _wrong_address(base_url, "it does not begin with http:// or https:// and a host")
    if not 0 < (url.port or 1) < 65536:
        raise _wrong_address(base_url, f"there is no port {url.port}")
    if url.userinfo:
        raise _wrong_address(url.host, "a name or password stands in it; give the key as key=")
    if url.query or url.fragment:
        raise _wrong_address(base_url, "it has a query or a fragment")
    return url


def _wrong_address(shown: str, why: str) -> errors.UsageError:
    return errors.UsageError(
        f"{shown} cannot be a server's address: {why}.",
        about=shown,
        hint=f"Give what `footnoted serve` prints, such as {DEFAULT_URL}.",
    )


def authorization(key: str | None) -> dict[str, str]:
    """RFC 6750's header; a key in wrong characters would be a header of its own."""
    if key is None:
        return {}
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise errors.UsageError(
            "This is no key: it is empty or has characters that no key has.",
            about="key",
            hint="Give it as `footnoted keys` printed it, without spaces or line ends.",
        )
    return {"Authorization": f"Bearer {key}"}


def is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def segment(text: str) -> str:
    """``text`` as one segment of a path; dots are escaped, as ``..`` would lead elsewhere."""
    try:
        return quote(text, safe="").replace(".", "%2E")
    except UnicodeEncodeError as error:
        raise errors.NotFound(
            "Nothing has this id: it is not valid Unicode.", hint="Ids stand in every answer."
        ) from error
