"""The words of wikitext: links reduced to their text, known inline templates to what they print."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from footnoted.ingest.normalise import normalise_line

if TYPE_CHECKING:
    from mwparserfromhell.nodes import Node, Template, Wikilink
    from mwparserfromhell.wikicode import Wikicode

Parameters: TypeAlias = "dict[str, Wikicode]"
Words: TypeAlias = "Sequence[str | Wikicode]"

_QUOTES = re.compile(r"'{2,}")
_SWITCH = re.compile(r"__[^\W\d_]{2,}__")
_NAMESPACE = re.compile(r"(?:template|vorlage|modèle|plantilla|шаблон|قالب)\s*:\s*", re.IGNORECASE)
_FILES_LISTED = """
file image media datei bild fichier archivo imagen ficheiro imagem plik grafika immagine bestand
afbeelding fil файл изображение ملف صورة קובץ 文件 檔案 ファイル 画像 파일
"""
_FILES = frozenset(_FILES_LISTED.split())
_UNPRINTED_LISTED = """
category kategorie catégorie categoría categoria kategoria categorie kategori категория تصنيف
קטגוריה 分类 分類 カテゴリ 분류
"""
_UNPRINTED = frozenset(_UNPRINTED_LISTED.split())
_PLACE = re.compile(r"[1-9][0-9]{0,3}")  # of a parameter without a name
_LANGUAGE_LINK = re.compile(r"(?:[a-z]{2,3}|simple|zh-[a-z-]+|be-tarask|roa-rup)\s*:\s*\S")


def name_of(template: Template) -> str:
    """A template's name as written, in small letters, without its namespace."""
    name = re.sub(r"[\s_]+", " ", str(template.name)).strip().casefold()
    return _NAMESPACE.sub("", name, count=1) if ":" in name else name


def parameters(template: Template) -> Parameters:
    """The parameters by name (small letters) or place; of two alike the last counts."""
    return {
        re.sub(r"[\s_]+", "_", str(p.name)).strip(" _").lower(): p.value for p in template.params
    }


def listed(given: Parameters) -> list[Wikicode]:
    """The parameters without a name, in order."""
    places = sorted((len(key), key) for key in given if _PLACE.fullmatch(key))
    return [given[key] for _, key in places]


def flow(nodes: Iterable[Node]) -> Iterator[str | Node]:
    """The words of ``nodes``; what is more than words comes as its node.

    Those nodes are tags, headings, links to files, and templates that print no mere words.
    """
    from mwparserfromhell import nodes as kinds  # noqa: PLC0415 - heavy

    for node in nodes:
        if isinstance(node, kinds.Text):
            yield _bare(str(node))
        elif isinstance(node, kinds.HTMLEntity):
            yield _character(node)
        elif isinstance(node, kinds.ExternalLink):
            if node.title is not None:
                yield from flow(node.title.nodes)
            elif not node.brackets:
                yield str(node.url)
        elif isinstance(node, kinds.Wikilink):
            yield from _link(node)
        elif isinstance(node, kinds.Template):
            yield from _template(node)
        elif isinstance(node, kinds.Tag | kinds.Heading):
            yield node


def _template(template: Template) -> Iterator[str | Node]:
    words = printed(template)
    if words is None:
        yield template
        return
    for part in words:
        if isinstance(part, str):
            yield part
        else:
            yield from flow(part.nodes)


def plain(code: Wikicode | None) -> str:
    """The words of ``code`` on one line, without footnotes and unknown templates."""
    if code is None:
        return ""
    return normalise_line("".join(_plain(code.nodes)))


def _plain(nodes: Iterable[Node]) -> Iterator[str]:
    from mwparserfromhell.nodes import Tag  # noqa: PLC0415 - heavy

    for part in flow(nodes):
        if isinstance(part, str):
            yield part
        elif isinstance(part, Tag) and str(part.tag) in ("br", "li", "dd", "dt"):
            yield " "


def is_file(link: Wikilink) -> bool:
    """Whether the link shows a picture or a sound."""
    return _prefix(link) in _FILES


def caption(link: Wikilink) -> Wikicode | None:
    """The caption of a picture: what stands behind its last bar."""
    import mwparserfromhell  # noqa: PLC0415 - heavy

    if link.text is None:
        return None
    # A caption may hold links and templates, whose bars are their own.
    cut = max(
        (n for n, node in enumerate(link.text.nodes)
         if type(node).__name__ == "Text" and "|" in str(node)), default=None,
    )  # fmt: skip
    if cut is None:
        return link.text
    last = mwparserfromhell.nodes.Text(str(link.text.nodes[cut]).rpartition("|")[2])
    return mwparserfromhell.wikicode.Wikicode([last, *link.text.nodes[cut + 1 :]])


def _prefix(link: Wikilink) -> str:
    head, colon, _ = str(link.title).partition(":")
    return head.strip().casefold() if colon else ""


def _link(link: Wikilink) -> Iterator[str | Node]:
    title = str(link.title).strip()
    if is_file(link):
        yield link
    elif _prefix(link) in _UNPRINTED or (link.text is None and _LANGUAGE_LINK.match(title)):
        return
    elif link.text is None:
        yield from flow(link.title.nodes)
    elif str(link.text).strip():
        yield from flow(link.text.nodes)
    else:  # the pipe trick: [[Lamp (film)|]]
        yield re.sub(r"^:?(?:[^:]*:)?|\s*\([^()]*\)$|,.*$", "", title)


def _bare(text: str) -> str:
    """Text without the signs of bold and italics and without magic words."""
    text = _QUOTES.sub(lambda m: "'" * {2: 0, 3: 0, 4: 1, 5: 0}.get(len(m[0]), len(m[0]) - 5), text)
    return _SWITCH.sub("", text) if "__" in text else text


def _character(entity: Node) -> str:
    try:
        return str(entity.normalize())  # type: ignore[attr-defined]
    except (ValueError, OverflowError):  # a number that is no character
        return str(entity)


def printed(template: Template) -> Words | None:
    """What ``template`` prints when that is mere words, otherwise ``None``."""
    from footnoted.ingest.wikitext.inline import rendering  # noqa: PLC0415 - it needs this module

    name = name_of(template)
    render = rendering(name)
    if render is not None:
        return render(parameters(template))
    if name.startswith(("formatnum:", "lc:", "uc:", "lcfirst:", "ucfirst:")):
        return [str(template.name).partition(":")[2].strip()]
    return None
