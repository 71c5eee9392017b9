"""Editors' remarks on the words before them, from the names of their templates to flags."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from footnoted.ingest.wikitext.words import name_of

if TYPE_CHECKING:
    from mwparserfromhell.nodes import Template

_REMARKS = """
citation_needed: citation needed|cn|fact|citeneeded|cite needed|citation required|need citation
 needs citation|source needed|sourceneeded|facts|citation missing|ref needed|reference needed
 refnec|référence nécessaire|référence souhaitée|cita requerida|carece de fontes|senza fonte
 citazione necessaria|нет аи|бна|بحاجة لمصدر|مصدر|fakt|źródło|來源請求|来源请求|要出典|beleg|belege
 citation needed span|cn-span|cnspan|fact span|cn lead|kaynak belirt|מקור|bron?
dead_link: dead link|deadlink|broken link|permanent dead link|lien mort|enlace roto
 toter link|ligação inativa|collegamento interrotto|وصلة مكسورة|недоступная ссылка|404
 martwy link|dead url|link broken|cbignore dead
failed_verification: failed verification|failedverification|not in source|not in citation given
 not in citation|nic|notinsource|fv|not in ref|not in source given|source pas claire
verification_needed: verify source|verify|vs|verification needed|check source|cite check
 source check|verify inline|vérifier|verify citation
clarification_needed: clarify|clarification needed|clarification|unclear|clarify me|huh
 clarify span|confusing inline|what|explain|elucidate
when: when|when?|date needed|year needed
who: who|who?
by_whom: by whom|bywhom|by who|by whom?
according_to_whom: according to whom|according to whom?|according to
which: which|which?|which one|specify
where: where|where?
page_needed: page needed|page number needed|pageneeded|pn|page number|volume needed|page?
dubious_discuss: dubious|dubious span|disputed inline|disputable|dispute inline|contradict inline
better_source_needed: better source needed|better source|bsn|bettersource|bcn|betterref
original_research: original research inline|or|synthesis inline|improper synthesis?
unreliable_source: unreliable source?|unreliable source|unreliable source inline|biased source
 unreliable medical source|self-published inline|self-published source|user-generated inline|medrs
 deprecated inline|deprecated source|user-generated source|tertiary source inline
vague: vague|vagueness|weasel inline|weasel-inline|weasel word|ambiguous|quantify|how many
needs_update: update inline|update after|needs update|update|as of?|out of date inline
full_citation_needed: full citation needed|full|full citation|incomplete citation|author missing
non_primary_source_needed: non-primary source needed|primary source inline|third-party inline
not_verified_in_body: not verified in body|nvib
neutrality_disputed: pov inline|npov inline|pov-inline|opinion|peacock inline|undue inline|lopsided
"""


@lru_cache(maxsize=1)
def _flags() -> dict[str, str]:
    table: dict[str, str] = {}
    flag = ""
    for line in _REMARKS.strip().split("\n"):
        head, _, rest = line.partition(": ")
        if rest:
            flag = head
        for name in (rest or line).split("|"):
            table[name.strip()] = flag
    return table


def remark(template: Template) -> str | None:
    """The flag that ``template`` sets, such as ``citation_needed``; ``None`` for no remark."""
    return _flags().get(name_of(template))
