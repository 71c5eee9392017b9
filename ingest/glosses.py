"""What the labels of infobox rows are called in questions.

"How many people fight for it?" shares no word with ``Size: 70,000``, and the row is too short for
a vector to bridge that. The index reads the gloss beside the row; no quote ever shows it.
"""

from __future__ import annotations

_GLOSSES = {
    "name": "what it is called, also known as, title",
    "leader, leaders, leadership, commander, commanders, key people, head, chief executive, "
    "chairman, chairperson, president, director, governor, mayor, captain": (
        "who leads, heads, commands or runs it, who is in charge"
    ),
    "size, strength, members, membership, personnel, employees, number of employees, crew": (
        "how large it is, how many members, people, fighters or employees it has"
    ),
    "population, total population, speakers, native speakers": (
        "how many people live there or speak it, inhabitants"
    ),
    "dates of operation, dates, active, years active, service years, years of service, reign": (
        "when it was active, since when and until when, from which year"
    ),
    "founded, formed, formation, established, created, inaugurated, launched, opened, built, "
    "completed, construction start, construction started, start date": (
        "when it began, was founded, opened, built or created, which year"
    ),
    "founder, founders, founded by, created by, creator": "who founded, started or created it",
    "disbanded, dissolved, closed, destroyed, extinct, retired": "when it ended, closed or ceased",
    "allegiance": "to whom it is loyal, owes loyalty, whom it serves",
    "ideology, political position, religion, religions": "beliefs, views, outlook, thinking, goals",
    "part of, affiliation, affiliations, political alliance, parent, parent company, "
    "parent organization, branch": "what it belongs to, is a member or branch of, coalition",
    "allies, partners, non-state allies": "friends, supporters, who is on its side",
    "opponents, opponent, opposed by": "enemies, foes, adversaries, whom it fights",
    "headquarters, headquarters location, location, locations, locale, residence, seat, address": (
        "where it is, lies or is based, which place, town or country"
    ),
    "area, total area, surface area": "how large it is, size, square kilometres",
    "length, total length, height, width, depth, longest span, elevation": (
        "how long, high, wide or deep it is, size, measure"
    ),
    "cost, construction cost, budget, revenue, net income, assets": (
        "how much it cost, money, price, how much it earns or owns"
    ),
    "designer, designers, designed by, architect, architects, engineer, structural engineer": (
        "who designed, planned or drew it"
    ),
    "builder, manufacturer, constructed, developer, developers": "who built, made or developed it",
    "crosses": "what it spans, passes over, which river",
    "carries": "what goes over it, traffic",
    "material": "what it is made of",
    "born, birth name": "when and where the person was born, birthday, birthplace",
    "died, death, date of death, cause of death": "when, where and how the person died",
    "spouse, spouses, children, parents, father, mother, relatives": "family, married to",
    "occupation, occupations, profession, known for": "job, work, what the person does",
    "alma mater, education": "where the person studied, university, school",
    "casualties, casualties and losses, deaths, injuries, victims": (
        "how many were killed, wounded, hurt or lost, dead"
    ),
    "perpetrator, perpetrators, suspects": "who did it, who is responsible",
    "result, outcome": "how it ended, who won",
    "battles, battles and wars, wars, battles/wars, conflicts": "where it fought, which wars",
    "capital": "chief city, seat of government",
    "currency": "money used there",
    "director, directed by": "who directed it, whose film",
    "author, authors, writer, writers, written by": "who wrote it",
    "publisher, publishers": "who published it",
    "release date, released, initial release, publication date, published": (
        "when it came out, appeared or was published"
    ),
}
_BY_LABEL = {
    label.strip(): gloss for labels, gloss in _GLOSSES.items() for label in labels.split(",")
}


def gloss(label: str) -> str:
    """What a question calls the thing that ``label`` names; empty for a label that says it all."""
    plain = label.casefold().replace("(s)", "s").rstrip(":. ")
    return _BY_LABEL.get(plain, "")
