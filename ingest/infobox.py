"""Infobox rows of plain text, where an exporter glued labels and values together.

``Size70,000`` and ``Allegiance Iran (IRGC)`` are told apart by a vocabulary of the labels that
Wikipedia's common infoboxes print. The longest label that fits wins; it must end where a word
ends, so that ``Leaders`` is no ``Leader`` and ``Partitioned`` no ``Part``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from footnoted.ingest.claims import Row
from footnoted.ingest.markers import Line

NAME = "Name"
"""The label of an infobox's own heading lines: the title and its other names."""

# Labels of the infoboxes for: people, officeholders, military units and conflicts, organisations,
# companies, settlements, countries, buildings and bridges, ships, books, films, music, software,
# species, events, languages, sports clubs.
_LABELS = """
Abbreviation|Active|Active ingredient|Active regions|Address|Administrative center|Affiliation
Affiliations|Age|Agent|Agency executive|Album|Alias|Allegiance|Allies|Alma mater|Also known as
Alternative names|Ambassador|Anthem|Architect|Architects|Architectural style|Area|Area code
Area codes|Area served|Area of operations|Area rank|Armed forces|Artist|Assets|Assistant coach
Attendance|Author|Authors|Awards|Based on|Battle honours|Battles|Battles and wars|Battles/wars
Beam|Birth name|Body discovered|Born|Branch|Brand|Budget|Builder|Built|Calling code|Campaigns
Capacity|Capital|Capital and largest city|Captain|Captains|Carries|Casualties|Casualties and losses
Caused by|Cause of death|Chairman|Chairperson|Chancellor|Characters|Chief executive|Children
Choreographer|Christianization|Cinematography|Citizenship|City|Class|Classification|Clearance
Clearance below|Climate|Coach|Coalition|Code name|Collection|Colors|Colours|Combatants
Commander|Commander-in-chief|Commanders|Commanders and leaders|Commanding officer|Commissioned
Company type|Completed|Composer|Conflict|Conflicts|Constituency|Construction cost
Construction start|Construction started|Constructed|Continent|Coordinates|Cost|Country
Country of origin|Counties|County|Cover artist|Created by|Creator|Crew|Crosses|Currency|Current
Damage|Date|Dates|Dates of operation|Date of death|Date format|Deaths|Death|Deputy|Deputy leader
Deputy Leader|Demonym|Demonym(s)|Demonyms|Density|Depth|Designated|Designed by|Designer|Designers
Destroyed|Developer|Developer(s)|Developers|Died|Dialects|Dimensions|Directed by|Director
Directors|Disbanded|Displacement|Disciplines|Discipline|Discovered by|Discovery date|Dissolved
Distributed by|Distributor|District|Districts|Divisions|Divorced|Draft|Draught|Driving side
Edited by|Editor|Education|Elevation|Elected|Electoral area|Employees|Employer|Endowment|Engine
Engines|Engineer|Equipment|Established|Ethnic groups|Ethnicity|Event|Executive producer
Executive producers|Extinct|Faculty|Fate|Father|Field|Fields|Final issue|Final release|First issue
First published|Flag|Flagship|Floor area|Floor count|Followed by|Follows|Food energy|Footballer
Formation|Formed|Former name|Former names|Formerly|Former call signs|Format|Founded|Founded at
Founded by|Founder|Founder(s)|Founders|Founding leader|Frequency|Funding|GDP|GDP (PPP)
GDP (nominal)|Games|Gauge|Gender|General manager|General secretary|Generation|Genre|Genres|Gini
Goals|Governing body|Government|Governor|Ground|Group|Groups|Group(s)|HDI|HQ|Head coach
Headquarters|Headquarters location|Height|Heritage|Highest point|Highest elevation|Hometown
Honours|Horsepower|Host|Hosted by|Hull|ICAO|IATA|ISBN|ISO 3166 code|ISIN|ISSN|Ideology|Illustrator
Image|Inaugurated|Incumbent|Indigenous|Industry|Influenced|Influences|Initial release|Injuries
Inspiration|Installed|Instrument|Instruments|Internet TLD|Introduced|Issue|Key people|Known for
Label|Labels|Laid down|Language|Language family|Language(s)|Languages|Largest city|Last
Latest release|Launched|Leader|Leader(s)|Leaders|Leadership|League|Legislature|Legal status|Length
Licence|License|Lifespan|Locale|Location|Location(s)|Locations|Longest span|Lyricist|Lyrics
Main building|Maintained by|Maintained|Major shareholder|Manager|Managers|Manufacturer|Market cap
Market value|Marketed by|Mascot|Mass|Material|Maximum speed|Mayor|Means of transport|Media type
Medium|Members|Membership|Merged into|Merger of|Method|Methods|Ministry|Mission|Monarch|Motive
Motives|Mother|Motto|Mottos|Movement|Municipality|Museum|Music by|Name|Named after|Named for
Narrated by|National affiliation|Nationality|Native name|Native speakers|Native to|Net income
Network|Newspaper|Next|Nickname|Nickname(s)|Nicknames|No. of episodes|No. of seasons|No. of spans
Non-state allies|Number of employees|Number of episodes|Number of locations|Number of spans
Occupation|Occupation(s)|Occupations|Official language|Official languages|Official name
Official website|Opened|Opening|Operated by|Operating income|Operating system|Operation|Operations
Operator|Operators|Opponent|Opponents|Opponent(s)|Opposed by|Order|Organisation|Organization
Organisations|Organizations|Origin|Original author|Original author(s)|Original language
Original languages|Original network|Original release|Other name|Other names|Outcome|Owner|Owner(s)
Owners|Pages|Parent|Parent company|Parent organization|Parents|Parent(s)|Part of|Participants
Parties to the civil conflict|Partner|Partner(s)|Partners|Party|Patron|Perpetrator|Perpetrators
Personnel|Place of burial|Place of origin|Platform|Platforms|Players|Political alliance
Political party|Political position|Population|Postal code|Postal codes|Position|Position(s)
Powers|Preceded by|Preceding|Predecessor|Premiered|President|Presented by|Previous|Prime Minister
Principal|Produced by|Producer|Producer(s)|Producers|Product|Production company
Production companies|Products|Profession|Programming language|Propulsion|Province|Publication date
Published|Publisher|Publishers|Purpose|Range|Rank|Ranks|Record label|Recorded|Regions|Region
Reign|Related legislation|Related|Relatives|Release|Release date|Released|Religion|Religions
Repository|Residence|Resting place|Result|Results|Retired|Revenue|Role|Routes|Rows|Running time
Ruling party|Salary|Schools|Screenplay by|Seat|Seats|Secretary|Secretary-General|Series|Service
Service years|Services|Service/branch|Setting|Shareholders|Ship|Signed|Signature|Sire|Size
Size rank|Slogan|Speakers|Speaker|Species|Specialism|Speed|Spokesman|Spokesperson|Spokespersons
Spoken languages|Sponsor|Sponsors|Spouse|Spouse(s)|Spouses|Stable release|Standards|Starring
Start date|State|States|Status|Stadium|Storey count|Story by|Stories|Strength|Structure
Structural engineer|Students|Studio|Studios|Subdivisions|Subject|Subjects|Subsidiaries|Succeeded by
Successor|Successors|Summit|Surface area|Suspects|Suspended|Symptoms|Target|Targets|Team|Teams
Television|Term length|Territorial changes|Territory|Theme|Time|Time zone|Title|Tonnage|Top speed
Total area|Total assets|Total equity|Total length|Total population|Traded as|Translator|Treatment
Type|Type of site|Unit|Units|Units sold|Url|Use|Used by|Uses|Usage|Variants|Vehicle code|Venue
Veterinary|Vice president|Victims|Volume|Voting age|Wars|Wars and battles|War crimes|Water area
Weapon|Weapons|Website|Weight|Width|Winner|Winners|Wingspan|Worn by|Writer|Writer(s)|Writers
Written by|Writing system|Year|Years active|Years of service|Youth wing
"""

LABELS = frozenset(label.strip() for label in re.split(r"[|\n]", _LABELS) if label.strip())
_PATTERN = re.compile(
    "(?P<label>{})(?P<gap>[\\s:]*)(?P<value>.*)".format(
        "|".join(re.escape(label) for label in sorted(LABELS, key=len, reverse=True))
    )
)


def split_label(line: str) -> tuple[str, str] | None:
    """The label at the head of ``line`` and what follows it; ``None`` where there is no label.

    A label ends before anything but a small letter, a hyphen or an apostrophe, and before a
    space only when a value that may begin a row follows.
    """
    for label in _fitting(line):
        rest = line[len(label) :]
        value = rest.lstrip(" :\t")
        if not value:
            return label, ""
        if rest[0] in " :\t":
            if rest[0] != " " or not value[0].islower():
                return label, value
        elif not rest[0].islower() and rest[0] not in "-–'’/,.;)":
            return label, value
    return None


def _fitting(line: str) -> list[str]:
    """The labels with which ``line`` begins, the longest first."""
    match = _PATTERN.match(line)
    if match is None:
        return []
    longest = match["label"]
    shorter = (longest[:n] for n in range(len(longest) - 1, 2, -1))
    return [longest, *(label for label in shorter if label in LABELS)]


def read_rows(lines: Sequence[str], take_out: Callable[[str], Line]) -> list[Row]:
    """The rows of an infobox whose lines are ``lines``; lines before any label are names.

    A line without a label goes on with the values of the row above it, and so does a line whose
    label that infobox has had already: a value may begin with a word that is also a label.
    """
    rows: list[tuple[str, list[str]]] = []
    seen: set[str] = set()
    for line in lines:
        split = split_label(line)
        if split and split[0] not in seen:
            seen.add(split[0])
            rows.append((split[0], [split[1]]))
        elif rows:
            rows[-1][1].append(line)
        else:
            rows.append((NAME, [line]))
    return [
        Row(Line(label), tuple(read for value in values if not (read := take_out(value)).empty))
        for label, values in rows
    ]


def labelled(lines: Sequence[str]) -> int:
    """How many of ``lines`` begin with a label."""
    return sum(split_label(line) is not None for line in lines)
