"""What footnotes look like in pages at large: their signs, the headings and boxes around them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from footnoted.ingest.apparatus import lists_links
from footnoted.ingest.mediawiki.nodes import attribute, hidden, walk
from footnoted.ingest.normalise import normalise_line

_HEADING = re.compile(
    r"(?:(?:foot|end)?notes?|references?|sources?|citations?|bibliography|works cited|literature"
    r"|(?:references|literature|works|sources) (?:cited|and notes|and further reading)"
    r"|notes (?:and|&) (?:references|sources)|quellen(?:angaben|verzeichnis|nachweise?)?"
    r"|literatur(?:verzeichnis)?|(?:fuß|fuss|end)noten|anmerkungen|belege|nachweise"
    r"|références(?: bibliographiques)?|notes de bas de page|bibliographie|sources et notes"
    r"|fuentes|referencias|notas(?: al pie)?|bibliografía|fonti|note|riferimenti|bibliografia"
    r"|referências|fontes|notas de rodapé|bronnen|noten|voetnoten|källor|referenser|fotnoter|noter"
    r"|kilder|lähteet|źródła|przypisy|источники|примечания|сноски|джерела|примітки|kaynaklar"
    r"|kaynakça|dipnotlar|المراجع|مراجع|المصادر|مصادر|المصادر والمراجع|المراجع والمصادر|الهوامش"
    r"|هوامش|الحواشي|حواشي|منابع|پانویس|مآخذ|הערות(?: שוליים)?|מקורות|参考文献|注释|註釋|脚注"
    r"|注|出典|참고문헌|각주|출처|संदर्भ)",
    re.IGNORECASE,
)
PLACE = re.compile(
    r"(?:^|[-_\s:])(?:(?:foot|end)-?notes?|references?|ref-?list|bibliography|citations?|fn-?list"
    r"|works-?cited|doc-(?:endnotes|bibliography|footnote|endnote|biblioentry)|quellen|fussnoten)"
    r"(?:$|[-_\s:])",
    re.IGNORECASE,
)
_NUMBERING = re.compile(r"^[\dIVX]{1,4}[.)]\s+|\s*[(\[]\d+[)\]]$|\s*[:：]$|[¶#§]\s*$")
_SIGN = re.compile(
    r"(?:\d{1,4}[a-z]?|[a-z]{1,2}|[ivxlc]{1,6}|[*†‡§¶‖#]{1,4}"
    r"|(?:foot)?(?:notes?|nb?|fn|ref|anm|nota|fußnote)\.?\s?[\[(]?\d{1,4}[\])]?)",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"[\[(（〔［【](.*)[\])）〕］】]")
_CLOSED = re.compile(r"(\d{1,4})\)")
_NOTEREF = re.compile(
    r"(?:foot|end)-?note|noteref|\bfn\b|\bref(?:erence)?\b|citation|biblioref", re.IGNORECASE
)
_BEFORE, _AFTER = re.compile(r"[\[(（,;–—-]\s*$"), re.compile(r"^\s*[\])）,;–—-]")
BACK = re.compile(r"foot-?note-?back|reversefootnote|fn-?back|back-?(?:link|ref)", re.IGNORECASE)
BACK_WORDS = re.compile(
    r"\b(?:back|return|jump|retour|zurück|volver|torna|terug)\b|رجوع|назад", re.IGNORECASE
)


def shown(node: LexborNode) -> str:
    """The words of ``node`` that a reader sees."""
    return normalise_line("".join(e.words for e in walk(node, hidden) if e.kind == "text"))


def bare(words: str) -> str:
    """A sign without its brackets, of which DokuWiki writes the second one only."""
    inner = _BRACKETS.fullmatch(words) or _CLOSED.fullmatch(words)
    return inner[1].strip() if inner else words


def announces_notes(heading: str) -> bool:
    """Whether a heading of these words stands over notes; its numbering does not matter."""
    words = _NUMBERING.sub("", _NUMBERING.sub("", heading)).strip()
    return lists_links(words) or _HEADING.fullmatch(words) is not None


def ancestors(node: LexborNode) -> Iterator[LexborNode]:
    """The elements around ``node``, the nearest first."""
    around = node.parent
    while around is not None and around.is_element_node:
        yield around
        around = around.parent


def like_sign(link: LexborNode, words: str, *, noted: bool) -> bool:
    """Whether a link shows a sign rather than words of its sentence."""
    if _SIGN.fullmatch(bare(words)) is None:
        return False
    if noted or bare(words) != words:
        return True
    around = [link, *ancestors(link)][:3]
    if any(node.tag == "sup" for node in around):
        return True
    if any(_NOTEREF.search(f"{attribute(n, 'class')} {attribute(n, 'role')}") for n in around[:2]):
        return True
    before, after = _text(link.prev), _text(link.next)
    return bool(_BEFORE.search(before) or _AFTER.search(after)) and words[:1].isdecimal()


def _text(node: LexborNode | None) -> str:
    return (node.text_content or "") if node is not None and node.is_text_node else ""
