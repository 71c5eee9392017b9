"""The parameters of citation templates under one set of names, and the people they name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from footnoted.domain import Json
from footnoted.ingest.csl_coins import read_name
from footnoted.ingest.wikitext.words import Parameters, plain

# Other languages' and older names, to those of Citation Style 1.
_ALIASES = """
title: titel titre título titolo tytuł titulo عنوان заглавие название
url: lien enlace url_text مسار ссылка
archive_url: archiv_url archivurl archiveurl urlarchivo arquivourl archive archiwum مسار_أرشيف
 مسار_الأرشيف
archive_date: archivedate archiv_datum fechaarchivo arquivodata
url_status: urlstatus حالة_المسار estado
access_date: accessdate abruf zugriff consulté_le fechaacceso acessodata dostęp تاريخ_الوصول besökt
date: datum fecha data jahr année año ano تاريخ year
work: website newspaper magazine journal periodical werk sammelwerk périodique obra periódico site
 dziennik encyclopedia encyclopaedia mailinglist conference sitio_web revista program series_title
publisher: hrsg verlag éditeur editorial editora wydawca ناشر institution издательство publicado
location: place publication_place ort lieu ubicación local miejsce
trans_title: transtitle titelerg
chapter: contribution entry article section chapitre capítulo kapitel
chapter_url: contribution_url article_url section_url entry_url chapterurl
pages: page p pp seiten página páginas strony passage at s
volume: band volumen tom
issue: number nummer numéro número
edition: auflage edición edição
isbn: isbn13 isbn1 isbn_13
doi: doi_number
pmc: pmcid
language: lang sprache langue idioma język لغة
quote: zitat cita citação cytat quotation اقتباس
authors: autor autoren auteur auteurs autores people host credits مؤلف автор
via: بواسطة
dead_url: deadurl dead_link
"""


def known_parameters(given: Parameters) -> Parameters:
    """``given`` under the names of Citation Style 1; what a parameter is first called counts."""
    known: Parameters = {}
    aliases = _alias_table()
    for raw, value in given.items():
        key = raw.replace("-", "_")
        if str(value).strip():
            known.setdefault(key, value)
            known.setdefault(aliases.get(key, key), value)
    return known


@lru_cache(maxsize=1)
def _alias_table() -> Mapping[str, str]:
    table = {}
    target = ""
    for word in _ALIASES.split():
        if word.endswith(":"):
            target = word[:-1]
        else:
            table[word] = target
    return table


def authors_of(given: Parameters) -> list[Json]:
    """The authors as CSL names: from ``last1``/``first1``, ``author1``, ``vauthors`` or a list."""
    people = list(_vancouver(given)) + list(
        _numbered(given, ("last", "surname", "author_last"), ("first", "given"), ("author",))
    )
    if people:
        return people
    names = re.split(r";\s*", plain(given.get("authors")))
    return [read_name(name) for name in names if name]


def editors_of(given: Parameters) -> list[Json]:
    """The editors as CSL names."""
    return list(
        _numbered(
            given,
            ("editor_last", "editor_surname"),
            ("editor_first", "editor_given"),
            ("editor", "editors"),
        )
    )


def _vancouver(given: Parameters) -> Iterator[Json]:
    """``Smith AB, Jones C``; a name in double brackets is an institution's."""
    for name in plain(given.get("vauthors")).split(","):
        if printed := name.strip("() "):
            family, _, initials = printed.rpartition(" ")
            institution = name.strip().startswith("(") or not family
            yield {"literal": printed} if institution else {"family": family, "given": initials}


def _numbered(
    given: Parameters, last: tuple[str, ...], first: tuple[str, ...], whole: tuple[str, ...]
) -> Iterator[Json]:
    for n in range(1, 100):
        family, name = _nth(given, last, n), _nth(given, whole, n)
        if family:
            forename = _nth(given, first, n)
            yield {"family": family, "given": forename} if forename else {"literal": family}
        elif name:
            yield read_name(name)
        elif n > 1:
            return


def _nth(given: Parameters, stems: tuple[str, ...], n: int) -> str:
    """The ``n``-th of a numbered parameter; ``editor2_last`` is ``editor_last2``."""
    for stem in stems:
        head, _, tail = stem.partition("_")
        keys = [f"{stem}{n}", *([f"{head}{n}_{tail}"] if tail else []), *([stem] if n == 1 else [])]
        for key in keys:
            if value := plain(given.get(key)):
                return value
    return ""
