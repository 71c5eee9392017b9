"""The templates of footnotes and of their lists, by the names that the wikis give them."""

from __future__ import annotations

import re

NOTE_GROUPS = {"efn": "lower-alpha", "efn-la": "lower-alpha", "efn-ua": "upper-alpha",
        "efn-lr": "lower-roman", "efn-ur": "upper-roman", "efn-lg": "lower-greek",
        "efn2": "lower-alpha", "refn": "", "#tag:ref": "", "notetag": "note", "adn": "note",
        "notelabel": "note", "footnote": "", "ref-nest": "", "anmerkung": "A",
        "note de fin": "note"}  # fmt: skip
_LISTS_LISTED = """
reflist|references|refs|reference list|listaref|références|references-small|fotnoteliste
przypisy|uwagi|примечания|مراجع|notelist|notelist-ua|notelist-lr|notelist-ur|notelist-lg
notelist-la|notes|notefoot|noteslist|referências|notas|einzelnachweise|reflista|kilder
"""
LISTS = frozenset(re.split(r"[|\n]", _LISTS_LISTED.strip()))
LIST_GROUPS = {"notelist": "lower-alpha", "notelist-la": "lower-alpha", "notes": "note",
                "notelist-ua": "upper-alpha", "notelist-lr": "lower-roman", "notefoot": "note",
                "notelist-ur": "upper-roman", "notelist-lg": "lower-greek"}  # fmt: skip
BODIES = ("refs", "références", "references", "notes", "lista", "liste", "przypisy", "1")
OLD_NOTES = frozenset({"note", "note label"})
REUSES = frozenset({"r", "ref name", "refname"})
