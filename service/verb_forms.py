"""English verbs by rule and table: the past and the third person of a base form, and back again.

Regular verbs follow the spelling rules; the irregular ones are the commonest. A base form cannot be
told from a noun by its letters, so `is_base` knows the verbs of the two tables alone.
"""

from __future__ import annotations

import re
from functools import lru_cache

from footnoted.service.facts.wordings import listed

# base past participle; two words where the participle is the past
_IRREGULAR = """
arise arose arisen/bear bore born/beat beat beaten/become became become/begin began begun
bend bent/bind bound/bite bit bitten/bleed bled/blow blew blown/break broke broken/breed bred
bring brought/broadcast broadcast/build built/burn burnt/burst burst/buy bought/cast cast
catch caught/choose chose chosen/cling clung/come came come/cost cost/creep crept/cut cut/deal dealt
dig dug/do did done/draw drew drawn/drink drank drunk/drive drove driven/eat ate eaten
fall fell fallen/feed fed/feel felt/fight fought/find found/flee fled/fling flung/fly flew flown
forbid forbade forbidden/forecast forecast/foresee foresaw foreseen/forget forgot forgotten
forgive forgave forgiven/freeze froze frozen/get got got/give gave given/go went gone
grind ground/grow grew grown/hang hung/have had/hear heard/hide hid hidden/hit hit/hold held
hurt hurt/keep kept/know knew known/lay laid/lead led/leave left/lend lent/let let/lie lay lain
lose lost/make made/mean meant/meet met/overthrow overthrew overthrown/pay paid/put put/quit quit
read read/rebuild rebuilt/ride rode ridden/ring rang rung/rise rose risen/run ran run/say said
see saw seen/seek sought/sell sold/send sent/set set/shake shook shaken/shed shed/shine shone
shoot shot/show showed shown/shrink shrank shrunk/shut shut/sing sang sung/sink sank sunk/sit sat
sleep slept/slide slid/speak spoke spoken/spend spent/spin spun/split split/spread spread
spring sprang sprung/stand stood/steal stole stolen/stick stuck/sting stung/strike struck struck
strive strove striven/swear swore sworn/sweep swept/swim swam swum/swing swung/take took taken
teach taught/tear tore torn/tell told/think thought/throw threw thrown/undergo underwent undergone
understand understood/undertake undertook undertaken/uphold upheld/upset upset/wake woke woken
wear wore worn/weave wove woven/win won/wind wound/withdraw withdrew withdrawn/withhold withheld
withstand withstood/write wrote written
"""
_REGULAR = """
abandon abolish absorb accept accompany accuse achieve acknowledge acquire act add address adjust
admit adopt advance advise affect agree aim allow announce answer appeal appear apply appoint
approach approve argue arrange arrest arrive ask assassinate assert assign assist associate assume
attack attempt attend attract attribute ban base beg believe belong blame block bomb boycott bury
call campaign cancel capture carry cause celebrate cease change charge cite claim close collapse
collect commission commit compare compete complain complete conceal concede conclude condemn
conduct confirm connect conquer consider consist construct consult contain continue contribute
control convert convince cooperate cope copy correspond counsel count cover crash create criticise
criticize cross damage date decide declare decline decrease dedicate defeat defend define delay
deliver demand demolish deny depart depend deploy derive describe deserve design destroy detain
determine develop die differ direct disagree disappear disappoint disarm discover discuss dismiss
dissolve distribute divide divorce dominate donate double drop drown earn elect eliminate emerge
emphasise emphasize employ enable encourage end endorse enforce engage enjoy enlist ensure enter
escape establish estimate evacuate evolve examine exceed exchange exclude execute exhibit exist
expand expect expel experience explain explode explore export express extend face fail favour favor
fear feature fill finance finish fire focus follow force form found free fund gain gather govern
grant guard guide halt hand happen hate head help hire host identify ignore impose impress improve
include increase influence inform inherit initiate injure insist inspect inspire install intend
interpret interview introduce invade invent invest investigate invite involve issue join judge jump
justify kidnap kill lack land last launch learn leak like limit link list live locate look love
lower maintain manage march mark marry match matter measure mention merge migrate move murder name
negotiate note notice obey object observe obtain occupy occur offer open operate oppose order
organise organize originate oust owe own paint participate pass perceive perform permit persuade
plan play point possess postpone praise predict prefer prepare present prevent print proceed
produce profess promise promote propose protect protest prove provide publish pull punish purchase
push qualify question raise reach react realise realize receive recognise recognize recommend
reconstruct record recover reduce refer reform refuse regain regard register reject relate release
rely remain remember remove rename renounce repair repeat replace reply report represent request
require rescue resemble reside resign resist resolve respond rest restore result resume retain
retire retreat return reveal reverse revive revoke reward rule sack sail sanction save score search
seem seize separate serve settle share shift shell sign smuggle solve specialise specialize start
state stay step stop stress struggle study submit succeed suffer suggest supply support suppose
suppress surrender survive suspect suspend talk target tend terminate test testify threaten
tolerate trade train transfer transform translate travel treat trigger try turn underestimate unite
urge use value vanish view violate visit volunteer vote wait walk want warn waste watch weaken
welcome wish witness wonder work worry wound yield
"""
_DOUBLED = frozenset(
    listed(
        "admit ban beg commit compel control drop equip expel kidnap occur permit plan prefer "
        "propel refer rob ship slip stab step stir stop submit transfer"
    )
)
_VOWELS = "aeiou"


def past(verb: str) -> str:
    """The past tense of a base form: ``blame`` to ``blamed``, ``go`` to ``went``."""
    irregular = _forms().get(verb)
    return irregular[0] if irregular else _regular(verb)


def third(verb: str) -> str:
    """The third person singular of a base form: ``carry`` to ``carries``."""
    if verb == "have":
        return "has"
    if re.search(r"(?:s|x|z|ch|sh|o)$", verb):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if re.search(r"[^aeiou]y$", verb) else f"{verb}s"


def is_base(word: str) -> bool:
    """Whether ``word`` is the base form of a verb of the tables."""
    return word in _forms() or word in _regular_bases()


def is_participle(word: str) -> bool:
    """Whether ``word`` looks like a past or present participle."""
    ending = len(word) > 4 and word.endswith("ing")
    return ending or _ends_as_past(word) or word in _participles()


def is_past(word: str) -> bool:
    """Whether ``word`` looks like a past tense."""
    return _ends_as_past(word) or word in _base_of()


def _ends_as_past(word: str) -> bool:
    return word.endswith("ed") and (len(word) > 4 or is_base(word[:-1]))  # "died", not "seed"


@lru_cache(maxsize=1 << 12)
def base(word: str) -> str:
    """The base form of an irregular form, ``built`` to ``build``; other words as they are."""
    return _base_of().get(word, word)


def _regular(verb: str) -> str:
    if verb.endswith("e"):
        return f"{verb}d"
    if re.search(rf"[^{_VOWELS}]y$", verb):
        return f"{verb[:-1]}ied"
    return f"{verb}{verb[-1]}ed" if verb in _DOUBLED else f"{verb}ed"


@lru_cache(maxsize=1)
def _forms() -> dict[str, tuple[str, str]]:
    """The irregular verbs: base form to past and participle."""
    rows = (entry.split() for entry in re.split(r"[/\n]", _IRREGULAR.strip()))
    return {row[0]: (row[1], row[-1]) for row in rows}


@lru_cache(maxsize=1)
def _regular_bases() -> frozenset[str]:
    return frozenset(_REGULAR.split())


@lru_cache(maxsize=1)
def _participles() -> frozenset[str]:
    return frozenset(participle for _, participle in _forms().values())


@lru_cache(maxsize=1)
def _base_of() -> dict[str, str]:
    return {form: verb for verb, forms in _forms().items() for form in forms}
