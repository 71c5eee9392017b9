"""Units of measure: what each measures, and how many of the base unit it is."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple


class Unit(NamedTuple):
    """A unit: what it measures, and its size in the base unit of that."""

    measures: str
    size: Decimal


def _units(measures: str, *sizes: tuple[str, str]) -> dict[str, Unit]:
    return {
        name: Unit(measures, Decimal(size)) for names, size in sizes for name in names.split("|")
    }


UNITS: dict[str, Unit] = (
    _units("percent", ("%|percent|percentage points|per cent|pct|بالمئه|بالمايه|في الميه", "1"))
    | _units(
        "length",
        ("mm|millimetre|millimeter|millimetres|millimeters", "0.001"),
        ("cm|centimetre|centimeter|centimetres|centimeters", "0.01"),
        ("m|metre|meter|metres|meters|متر|مترا|امتار", "1"),
        ("km|kilometre|kilometer|kilometres|kilometers|كيلومتر|كيلومترا|كيلومترات|كم", "1000"),
        ("mi|mile|miles|ميل", "1609.344"),
        ("ft|foot|feet", "0.3048"),
        ("in|inch|inches", "0.0254"),
        ("yd|yard|yards", "0.9144"),
    )
    | _units(
        "area",
        ("km2|km²|sq km|square kilometres|square kilometers", "1000000"),
        ("m2|m²|sq m|square metres|square meters", "1"),
        ("sq mi|square miles", "2589988.11"),
        ("sq ft|square feet", "0.09290304"),
        ("ha|hectare|hectares", "10000"),
        ("acre|acres", "4046.8564"),
    )
    | _units(
        "mass",
        ("kg|kilogram|kilograms|kilogramme|kilogrammes|kilos|كيلوغرام", "1"),
        ("g|gram|grams", "0.001"),
        ("t|tonne|tonnes|metric tons|طن|طنا|اطنان", "1000"),
        ("lb|lbs|pound|pounds", "0.45359237"),
        ("oz|ounce|ounces", "0.028349523"),
    )
    | _units(
        "duration",
        ("second|seconds|ثانيه|ثواني", "1"),
        ("minute|minutes|دقيقه|دقايق", "60"),
        ("hour|hours|ساعه|ساعات", "3600"),
        ("day|days|يوم|يوما|ايام", "86400"),
        ("week|weeks|اسبوع|اسابيع", "604800"),
        ("fortnight|fortnights", "1209600"),
        ("month|months|شهر|شهرا|اشهر|شهور", "2629800"),
        ("year|years|سنه|سنوات|عام|عاما|اعوام", "31557600"),
        ("decade|decades", "315576000"),
    )
    | _units("speed", ("km/h|kph|kilometres per hour|kilometers per hour", "1"))
    | _units("speed", ("mph|miles per hour", "1.609344"))
    | _units("temperature °C", ("°c|degrees celsius", "1"))
    | _units("temperature °F", ("°f|degrees fahrenheit", "1"))
    | _units("power", ("kw|kilowatt|kilowatts", "1"), ("mw|megawatt|megawatts", "1000"))
    | _units("power", ("gw|gigawatt|gigawatts", "1000000"))
)
_MONEY = {
    "dollar": "$|us$|usd|dollar|dollars|us dollars|دولار|دولارا|دولارات",
    "euro": "€|eur|euro|euros|يورو",
    "pound": "£|gbp|pounds sterling",
    "yen": "¥|jpy|yen",
    "rupee": "₹|inr|rupee|rupees",
    "dinar": "dinar|dinars|دينار|دينارا",
    "rial": "rial|rials|riyal|riyals|ريال|ريالا",
}
CURRENCIES: dict[str, str] = {
    spelling: name for name, spellings in _MONEY.items() for spelling in spellings.split("|")
}
"""A currency's sign or word to its name."""

UNIT_NAMES = sorted((*UNITS, *(c for c in CURRENCIES if c.isalpha())), key=len, reverse=True)
