"""Dates as intervals of days: every precision, and relative ones from the day of publication."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.service.facts.dates import Date, other_date, read_dates, same_date
from footnoted.service.facts.wordings import plain

DAYS = st.dates(date(1200, 1, 1), date(2089, 12, 31))


def read(text: str, published: str | None = None) -> list[Date]:
    return read_dates(plain(text), published)


def only(text: str, published: str | None = None) -> Date:
    (found,) = read(text, published)
    return found


def interval(text: str, published: str | None = None) -> tuple[str, str]:
    found = only(text, published)
    return str(found.first), str(found.last)


@given(DAYS)
def test_a_day_in_every_form_is_one_value(day: date) -> None:
    month = f"{day:%B}"
    forms = [
        f"{day.day} {month} {day.year}",
        f"{month} {day.day}, {day.year}",
        f"{day:%A}, {day.day} {month} {day.year}",
        f"{day.isoformat()}",
    ]
    for form in forms:
        found = only(f"It burned on {form} at night.")
        assert found.first == found.last == day
    assert same_date(only(f"in {month} {day.year}"), only(forms[0]))
    assert not same_date(only(forms[0]), only(f"in {month} {day.year}"))


@given(DAYS, st.integers(0, 6))
def test_a_weekday_is_the_last_one_before(published: date, back: int) -> None:
    day = published - timedelta(days=back)
    found = only(f"It burned on {day:%A}.", published.isoformat())
    assert found.first == found.last == day
    assert found.relative


@given(st.text(max_size=60), st.none() | DAYS.map(str))
def test_any_text_is_read_and_spans_fit(text: str, published: str | None) -> None:
    for found in read(text, published):
        assert found.span.of(text).strip()
        assert (found.first is None) == (found.last is None)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("in October 2020", "2020-10-01", "2020-10-31"),
        ("in 1991, the year of the flood", "1991-01-01", "1991-12-31"),
        ("the 2016 documentary", "2016-01-01", "2016-12-31"),
        ("from 2013 to 2016", "2013-01-01", "2016-12-31"),
        ("2020–present", "2020-01-01", "2020-12-31"),
        ("the mid-2000s", "2000-01-01", "2009-12-31"),
        ("the nineteenth century", "1800-01-01", "1900-12-31"),
        ("5-7 May 1999", "1999-05-05", "1999-05-07"),
        ("منذ تشرين الأول/أكتوبر 2023", "2023-10-01", "2023-10-31"),
        ("في ٧ أكتوبر ٢٠٢٣", "2023-10-07", "2023-10-07"),
    ],
)
def test_precisions(text: str, first: str, last: str) -> None:
    assert interval(text) == (first, last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("yesterday", "2023-10-25", "2023-10-25"),
        ("last month", "2023-09-01", "2023-09-30"),
        ("last year", "2022-01-01", "2022-12-31"),
        ("three weeks ago", "2023-10-05", "2023-10-05"),
        ("on Tuesday", "2023-10-24", "2023-10-24"),
        ("next Tuesday", "2023-10-31", "2023-10-31"),
        ("on 24 October", "2023-10-24", "2023-10-24"),
        ("on 28 December", "2022-12-28", "2022-12-28"),
        ("أمس", "2023-10-25", "2023-10-25"),
        ("الشهر الماضي", "2023-09-01", "2023-09-30"),
    ],
)
def test_relative_dates_are_seen_from_the_day_of_publication(
    text: str, first: str, last: str
) -> None:
    assert interval(text, "2023-10-26T10:00:00Z") == (first, last)


def test_without_a_day_of_publication_nothing_relative_is_guessed() -> None:
    for published in (None, "2023", "2023-10", "soon"):
        assert read("yesterday, on Tuesday and last month", published) == []
    found = only("on 24 October")
    assert (found.first, found.month, found.day) == (None, 10, 24)
    assert same_date(found, only("on 24 October 2023"))
    assert other_date(found, only("on 25 October 2023"))


@pytest.mark.parametrize(
    "text", ["it sold 1500 copies", "he may march", "room 1204B", "1,984 cats"]
)
def test_what_is_no_date(text: str) -> None:
    assert read(text, "2023-10-26") == []


def test_a_day_that_no_calendar_has_leaves_its_year() -> None:
    assert interval("31 February 2001") == ("2001-01-01", "2001-12-31")
