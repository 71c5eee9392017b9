"""Claims linked to documents, read from a BEIR folder or from ``pairs.jsonl``.

In a BEIR folder they come in three ways: ``evidence.jsonl`` with a ``label`` for each query and
its document (WiCE), or with ``claim``, ``support`` and ``evidence`` (ExpertQA; Malaviya et al.
2024); queries with a ``label`` and a ``doc`` whose passages are the corpus; and queries with a
``paired_source``, which supports those that are ``answerable`` (FAMuS; Vashishtha et al. 2024).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from footnoted.errors import InputError
from footnoted.eval.claims import LABELS, Label, LinkedClaim
from footnoted.eval.datasets.beir import BeirSet
from footnoted.eval.datasets.kinds import EVIDENCE, PAIRS
from footnoted.eval.datasets.lines import HINT, Line, read_by_id, read_lines

_UNJUDGED = frozenset({"n/a", "none", ""})


def load_claims(dataset: BeirSet) -> tuple[LinkedClaim, ...]:
    """The claims of a BEIR folder that are linked to a document; empty where there are none.

    Raises ``InputError``, with the line, for an unknown label or document.
    """
    return tuple(_from_evidence(dataset)) or tuple(_from_queries(dataset))


def load_pairs(folder: Path) -> tuple[LinkedClaim, ...]:
    """The claims of ``pairs.jsonl``: ``_id``, ``claim``, ``references`` (texts) and ``label``.

    As in AttributionBench (Li et al. 2024), whose ``source_dataset`` is the claim's part.
    """
    return tuple(
        LinkedClaim(
            name,
            line.text("claim"),
            line.texts("references"),
            _label(line, "label"),
            line.optional_text("source_dataset") or "",
        )
        for name, line in read_by_id(folder / PAIRS).items()
    )


def _from_evidence(dataset: BeirSet) -> Iterator[LinkedClaim]:
    path = dataset.folder / EVIDENCE
    if not path.is_file():
        return
    texts = {document.name: document.text for document in dataset.documents}
    counts: Counter[str] = Counter()
    for line in read_lines(path):
        query = line.text("query_id")
        if "support" in line.fields:
            counts[query] += 1
            said = (line.optional_text("support") or "").lower()
            names = line.texts("evidence")
            if said in _UNJUDGED or not names:
                continue  # nobody judged it, or it rests on no document that could be read
            documents = _texts(line, names, texts)
            label = _label(line, "support")
            yield LinkedClaim(f"{query}-{counts[query]}", line.text("claim"), documents, label)
        elif (line.optional_text("label") or "").lower() in LABELS:
            if query not in dataset.lines:
                raise line.wrong(f"there is no query {query!r}")
            documents = _texts(line, [line.text("corpus_id")], texts)
            claim = dataset.lines[query].text("text")
            yield LinkedClaim(query, claim, documents, _label(line, "label"))


def _from_queries(dataset: BeirSet) -> Iterator[LinkedClaim]:
    linked: dict[str, list[str]] = {}
    for document in dataset.documents:
        whole = dataset.document_lines[document.name].optional_text("doc")
        for name in {document.name, whole} - {None, ""}:
            linked.setdefault(str(name), []).append(document.text)
    for name, line in dataset.lines.items():
        if "label" in line.fields and "doc" in line.fields:
            label, source = _label(line, "label"), line.text("doc")
        elif "paired_source" in line.fields and "answerable" in line.fields:
            label = Label.SUPPORTED if line.flag("answerable") else Label.NOT
            source = line.text("paired_source")
        else:
            continue
        if source not in linked:
            raise line.wrong(f"the corpus has no document {source!r}")
        yield LinkedClaim(name, line.text("text"), tuple(linked[source]), label)


def _texts(line: Line, names: Iterable[str], texts: dict[str, str]) -> tuple[str, ...]:
    for name in names:
        if name not in texts:
            raise line.wrong(f"the corpus has no document {name!r}")
    return tuple(texts[name] for name in names)


def _label(line: Line, name: str) -> Label:
    said = line.text(name)
    if said.lower() not in LABELS:
        raise InputError(
            f"{line.path}, line {line.number}: {name!r} is {said!r}, which is no label.",
            about=f"{line.path}:{line.number}",
            hint=f"The labels are {', '.join(sorted(LABELS))}. {HINT}",
        )
    return LABELS[said.lower()]
