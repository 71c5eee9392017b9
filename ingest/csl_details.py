"""The details of a printed citation that a fixed word announces: ISBN, pages, retrieval date."""

from __future__ import annotations

import re

from footnoted.domain import Json
from footnoted.ingest.csl_dates import DATE, csl_date

_DATE = f"(?:{DATE.pattern})"
_NUMBER = r"[A-Z]?[\divxlc]+(?:[–-][A-Z]?[\divxlc]+)?"
_CUSTOM = frozenset({"archived_on", "identifier", "format", "access"})
# In this order: an arXiv number also looks like a volume, an address like anything. The group
# ``it`` is the detail; a full stop behind it is taken along.
_DETAILS = {
    name: re.compile(pattern)
    for name, pattern in {
        "accessed": r"(?i:[(\[]?\b(?:retrieved|accessed|abgerufen|consulté|consultado)"
        rf"(?: on| am| le| el| em)?:? (?P<it>{_DATE})[)\]]?\.?)",
        "accessed_boxed": r"\[(?P<it>\d{4}-\d\d-\d\d)\]\.?",
        "archived_on": r"(?i:\barchived (?:\(PDF\) )?from the original (?:\(PDF\) )?on "
        rf"(?P<it>{_DATE})\.?)",
        "archived": r"\b(?P<it>[Aa]rchived)(?: from the original)?(?: \(PDF\))?\.(?=\s|$)",
        "DOI": r"(?i:\b(?:doi:? ?|https?://(?:dx\.)?doi\.org/)(?P<it>10\.\d{4,9}/\S*[\w)>])\.?)",
        "ISBN": r"\bISBN(?:-1[03])?:? ?(?P<it>(?:97[89][- ]?)?\d[\d -]{7,14}[\dXx])\.?",
        "ISSN": r"\bISSN:? ?(?P<it>\d{4}-\d{3}[\dXx])\.?",
        "PMID": r"\bPMID:? ?(?P<it>\d{3,9})\.?",
        "PMCID": r"\bPMC:? ?(?P<it>\d{3,9})\.?",
        "number": r"\b(?P<it>ar[Xx]iv:\S*\d)\.?",
        "identifier": r"\b(?P<it>(?:OCLC|JSTOR|S2CID|LCCN|OL|ASIN|Bibcode|hdl|SSRN|OSTI):? ?"
        r"[\w./&-]*\w)\.?",
        "URL": r"(?P<it>https?://[^\s<>\"”»]+[^\s<>\"”»).,;])\.?",
        "page": r"(?<!\w)(?:pp?\.|pages?|[SsСс]\.|págs?\.) ?"
        rf"(?P<it>{_NUMBER}(?:, ?{_NUMBER})*)(?!\w)\.?",
        "volume": r"(?<!\w)(?:Vol\.|Volume) ?(?P<it>[\dIVXLC]+)\b,?\.?",
        "issue": r"(?<!\w)(?:[Nn]o\.|[Ii]ssue) ?(?P<it>\d+(?:[–/-]\d+)?)\b\.?",
        "edition": r"\((?P<it>\d+(?:st|nd|rd|th)|[Rr]ev(?:ised|\.)?) (?:ed\.|edition)\)\.?",
        "language": r"\(in (?P<it>[A-Z][a-z]+(?: and [A-Z][a-z]+)?)\)\.?",
        "format": r"\((?P<it>PDF|DOC|XLS|[Vv]ideo|[Aa]udio)(?:; [^)]*)?\)\.?",
        "access": r"\((?P<it>(?:subscription|registration) required)\)\.?",
    }.items()
}


def take_details(text: str) -> tuple[Json, str]:
    """The details in ``text`` as CSL fields, and ``text`` without them.

    What CSL has no field for is under ``custom``.
    """
    item: Json = {}
    custom: dict[str, str] = {}
    for name, pattern in _DETAILS.items():
        match = pattern.search(text)
        if match is None:
            continue
        value = match["it"].strip()
        if name in ("accessed", "accessed_boxed"):
            item["accessed"] = csl_date(value)
        elif name in _CUSTOM:
            custom[name] = value
        elif name != "archived":
            item[name] = value
        # The detail's full stop still ends the part before it.
        before = text[: match.start()].rstrip(" ,")
        stop = "." if match[0].endswith(".") and not before.endswith(".") else ""
        text = f"{before}{stop} {text[match.end() :]}"
    return (item | {"custom": custom} if custom else item), text
