"""What an encyclopedia page holds besides its article: lists of links, boxes, editors' notices."""

from __future__ import annotations

import re
from collections.abc import Sequence

from footnoted.ingest.claims import Block, Heading, Prose, Row

# Sections that list other works and pages; only their lines with footnotes say anything.
_HEADINGS = re.compile(
    r"(?:See also|External links|Further reading|References|Notes|Footnotes|Citations|Sources"
    r"|Bibliography|Works cited|Notes and references|References and notes|Explanatory notes"
    r"|General (?:and cited )?(?:references|sources)|Literature|Siehe auch|Weblinks|Literatur"
    r"|Einzelnachweise|Anmerkungen|Voir aussi|Articles connexes|Liens externes|Notes et références"
    r"|Références|Bibliographie|Véase también|Enlaces externos|Referencias|Notas|Bibliografía"
    r"|Ver também|Ligações externas|Referências|Bibliografia|Notas e referências|Zobacz też"
    r"|Linki zewnętrzne|Przypisy|Uwagi|Примечания|Литература|Ссылки|См\. также|Источники"
    r"|ראו גם|קישורים חיצוניים|הערות שוליים|לקריאה נוספת|انظر أيضًا|مراجع|المراجع|وصلات خارجية"
    r"|参见|參見|另見|另见|相关条目|相關條目|外部链接|外部連結|参考文献|參考文獻|参考资料|參考資料|注释"
    r"|註釋|关联项目|延伸阅读|延伸閱讀|参考来源|參考來源|脚注|関連項目|外部リンク|出典)",
    re.IGNORECASE,
)


def lists_links(heading: str) -> bool:
    """Whether a section of this name lists works, pages or footnotes."""
    return _HEADINGS.fullmatch(heading.rstrip(" :")) is not None


def without_apparatus(blocks: Sequence[Block]) -> list[Block]:
    """The infobox first, and no lists of links, nor headings that nothing follows."""
    rows = [block for block in blocks if isinstance(block, Row)]
    kept: list[Heading | Prose] = []
    listing: int | None = None  # the level of the heading over lists of works and pages
    for block in blocks:
        match block:
            case Heading(line, level):
                if listing is None or level <= listing:
                    listing = level if lists_links(line.words) else None
                _drop_empty_headings(kept, level)
                kept.append(block)
            case Prose(line) if listing is None or line.marks:
                kept.append(block)
    _drop_empty_headings(kept, 1)
    return [*rows, *kept]


def _drop_empty_headings(blocks: list[Heading | Prose], level: int) -> None:
    """Take away the headings at the end that a heading of ``level`` leaves without words."""
    while blocks:
        last = blocks[-1]
        if not isinstance(last, Heading) or last.level < level or last.line.marks:
            return
        blocks.pop()
