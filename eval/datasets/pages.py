"""Article pages with counted references and markers: how many of them our reader finds.

HTML pages and texts state ``references``, ``markers`` and ``markers_without_target``; wikitext its
``ref`` elements (mediawiki.org/wiki/Help:Cite): each with a body is a reference unless its name
came before, and each, but those inside ``references``, prints a marker. A page that states no
reference is only read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from footnoted.domain import Article
from footnoted.errors import FootnotedError, NoReferences
from footnoted.eval.datasets.kinds import EXPECTED, DatasetKind
from footnoted.eval.datasets.lines import Line, read_lines
from footnoted.eval.datasets.results import DatasetEvaluation, Failure
from footnoted.eval.runs import EvalReport
from footnoted.eval.statistics import Interval, bootstrap_mean
from footnoted.ingest.forms import decode, read_article
from footnoted.service.indexing import Progress

_BODY = re.compile(r"<ref(?P<given>\s[^<>]*?)?(?<!/)>(?:.*?)</ref>", re.DOTALL | re.IGNORECASE)
_LISTED = re.compile(r"<references[^<>/]*>(.*?)</references>", re.DOTALL | re.IGNORECASE)
_NAME = re.compile(r"name\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s/>\"']+))", re.IGNORECASE)


class Counted(NamedTuple):
    """What a page states or what was found; ``None`` where it states nothing.

    ``markers`` are those that lead to a reference, ``targets`` the references that any leads to.
    """

    references: int
    markers: int | None
    targets: int | None
    with_address: int | None


def evaluate_pages(folder: Path, *, seed: int, progress: Progress) -> DatasetEvaluation:
    """Read every page that ``expected.jsonl`` names and compare the counts.

    Recall is the mean over pages of what was found of what is stated, at most 1; ``_exact`` the
    share of pages with exactly as many references. ``pages_read`` counts a page without references
    as read when the reader says that it has none.
    """
    lines = list(read_lines(folder / EXPECTED))
    values: dict[str, dict[str, float]] = {}
    form: dict[str, str] = {}
    failures: list[Failure] = []
    for n, line in enumerate(lines, start=1):
        name = line.text("file")
        path = folder / name
        if not path.is_file() or ".." in Path(name).parts:
            raise line.wrong(f"the page {name!r} is not in the folder")
        form[name] = _form(name)
        stated = stated_counts(line, path.read_bytes())
        found = _read(path, stated, failures)
        for measure, value in compare_counts(stated, found).items():
            values.setdefault(measure, {})[name] = value
        progress("pages", n, len(lines))
    report = EvalReport(folder.resolve().name, None, _means(values, seed), (), item_values=values)
    parts = {
        part: _means(
            {m: {k: v for k, v in of.items() if form[k] == part} for m, of in values.items()}, seed
        )
        for part in dict.fromkeys(form.values())
    }
    return DatasetEvaluation(
        DatasetKind.PAGES,
        report,
        parts=parts,
        failures=tuple(failures),
        notes=(f"{len(lines)} pages.",),
    )


def stated_counts(line: Line, body: bytes) -> Counted:
    """What the line states of its page; wikitext's repeated and listed notes are taken off."""
    stated = line.counts("expected")
    if "ref_tags_with_body" in stated:
        text = decode(body, name=line.text("file"))
        given = [_NAME.search(match["given"] or "") for match in _BODY.finditer(text)]
        names = [next(filter(None, found.groups()), "") for found in given if found]
        listed = sum(len(_BODY.findall(inside)) for inside in _LISTED.findall(text))
        with_body = stated["ref_tags_with_body"]
        repeated = len(names) - len(set(names))
        printed = with_body + stated.get("ref_tags_reused", 0) - listed
        return Counted(with_body - repeated, printed, None, None)
    if "references" not in stated:
        raise line.wrong("'expected' states neither 'references' nor 'ref_tags_with_body'")
    lost = stated.get("markers_without_target", 0)
    markers, targets = stated.get("markers"), stated.get("distinct_marker_targets")
    return Counted(
        stated["references"],
        None if markers is None else markers - lost,
        None if targets is None else targets - lost,
        stated.get("references_with_external_url"),
    )


def found_counts(article: Article) -> Counted:
    """What our reader found in a page."""
    joined = [marker for marker in article.markers if marker.reference_ids]
    return Counted(
        len(article.references),
        len(joined),
        len({reference_id for marker in joined for reference_id in marker.reference_ids}),
        sum(bool(reference.urls) for reference in article.references),
    )


def compare_counts(stated: Counted, found: Counted | None) -> dict[str, float]:
    """The measures of one page, each in [0, 1]; ``found`` is ``None`` for one that failed."""
    values = {"pages_read": float(found is not None)}
    if stated.references <= 0:
        return values
    got = found or Counted(0, 0, 0, 0)
    values["references_exact"] = float(got.references == stated.references)
    pairs: Mapping[str, tuple[int | None, int | None]] = {
        "reference_recall": (got.references, stated.references),
        "marker_recall": (got.markers, stated.markers),
        "target_recall": (got.targets, stated.targets),
        "address_recall": (got.with_address, stated.with_address),
    }
    return values | {
        name: min(1.0, (have or 0) / wanted) for name, (have, wanted) in pairs.items() if wanted
    }


def _read(path: Path, stated: Counted, failures: list[Failure]) -> Counted | None:
    """The counts of a page; ``None``, and a failure, for one that cannot be read as it should."""
    try:
        return found_counts(read_article(path.read_bytes(), name=path.name))
    except FootnotedError as error:
        # A page that states no reference is none that we read: saying so is right.
        if stated.references <= 0 and isinstance(error, NoReferences):
            return Counted(0, 0, 0, 0)
        failures.append(Failure(path.name, str(error)))
        return None


def _form(name: str) -> str:
    """The part that a page belongs to: its folder, else how its file name ends."""
    parent = Path(name).parent.name
    return parent or Path(name).suffix.removeprefix(".")


def _means(values: Mapping[str, Mapping[str, float]], seed: int) -> dict[str, Interval]:
    return {name: bootstrap_mean(list(of.values()), seed=seed) for name, of in values.items() if of}
