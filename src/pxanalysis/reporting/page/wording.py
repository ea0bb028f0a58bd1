"""Every word and number in a report, in the language of its reader.

A language is one file, ``locale/<language>.po``: message keys (``opening.heading``) with their wording. Its
header says with which locale numbers and dates are written (``Language: en_GB``) and how plurals go
(``Plural-Forms``).

Reports are about practices, hospitals or something else. A message names that by a place such as ``{unit}``, or
``{The_unit}`` at the start of a sentence, which is filled with the message ``unit.unit`` or ``unit.the_unit``. Any
message may have a wording of its own for one kind, under ``<key>@<kind>``: ``unit.the_unit@hospital``.
"""

from __future__ import annotations

import datetime as dt
import gettext
import io
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from numbers import Integral
from typing import get_args

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_timedelta
from babel.lists import format_list
from babel.messages.pofile import PoFileError, read_po
from babel.numbers import format_decimal, format_percent, get_decimal_symbol

from pxanalysis.errors import ReportError
from pxanalysis.journey.parts import ReportedOn

__all__ = ["Spoken", "Wording", "list_languages"]

_LOCALES = resources.files("pxanalysis.reporting") / "locale"
_MINUS = "\N{MINUS SIGN}"
_UNIT = "unit."

Value = str | int
Day = dt.date | str


@dataclass(frozen=True, slots=True, eq=False)
class _Catalogue:
    locale: Locale
    plural: Callable[[int], int]
    messages: dict[str, tuple[str, ...]]


def list_languages() -> list[str]:
    """Languages that a report can be made in, sorted.

    Examples
    --------
    >>> {"en", "nl"} <= set(list_languages())
    True
    """
    return sorted(entry.name.removesuffix(".po") for entry in _LOCALES.iterdir() if entry.name.endswith(".po"))


@lru_cache(maxsize=8)
def _read_catalogue(language: str) -> _Catalogue:
    if language not in list_languages():
        raise ReportError(
            f"language: expected one of {', '.join(list_languages())}; received '{language}'. A new "
            "language is one file, locale/<language>.po in pxanalysis/reporting."
        )
    text = (_LOCALES / f"{language}.po").read_bytes()
    try:
        catalogue = read_po(io.BytesIO(text), abort_invalid=True)
        locale = catalogue.locale or Locale.parse(language)
    except (PoFileError, UnknownLocaleError, ValueError) as error:
        raise ReportError(f"locale/{language}.po: not a valid catalogue: {error}. Correct the file there.") from error
    messages: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            messages[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    return _Catalogue(locale, gettext.c2py(catalogue.plural_expr), messages)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message as it was put into words.

    Attributes
    ----------
    about
        What it speaks of, as whoever wrote it says: ``outcome:ktv``, ``touchpoint:costs``; empty: of the whole page.
    """

    key: str
    text: str
    about: tuple[str, ...]


class Wording:
    """Words, numbers and dates in one language; what has no translation is an error, never another language.

    Parameters
    ----------
    language
        Code of a catalogue in ``locale/``: ``nl`` or ``en``.
    reported_on
        What kind of provider reports are about, which decides what it is called.

    Raises
    ------
    ReportError
        When there is no catalogue for the language, or no such kind of provider.

    Examples
    --------
    >>> nl = Wording("nl")
    >>> nl.number(8.4, 1), nl.signed(-0.24, 2), nl.percent(0.314), nl.number(1234)
    ('8,4', '−0,24', '31%', '1.234')
    >>> nl.period("2026-01-01", "2026-06-30")
    '1 januari – 30 juni 2026'
    >>> nl.text("outcome.own"), Wording("nl", "hospital").text("outcome.own")
    ('Uw praktijk', 'Uw ziekenhuis')
    """

    __slots__ = ("_about", "_catalogue", "_units", "language", "reported_on", "spoken")

    def __init__(self, language: str, reported_on: ReportedOn = "practice", *, remember: bool = False) -> None:
        if reported_on not in get_args(ReportedOn):
            raise ReportError(
                f"reported_on: expected one of {', '.join(get_args(ReportedOn))}; received '{reported_on}'."
            )
        self._catalogue = _read_catalogue(language)
        self.language = language
        self.reported_on = reported_on
        self._about: tuple[str, ...] = ()
        self.spoken: list[Spoken] | None = [] if remember else None
        self._units = self._unit_words()

    @contextmanager
    def about(self, *subjects: str) -> Iterator[None]:
        """Say of all that is put into words within what it speaks of, for `pxanalysis.reporting.sections.claims`."""
        before, self._about = self._about, subjects
        try:
            yield
        finally:
            self._about = before

    def _forms(self, key: str) -> tuple[str, ...]:
        messages = self._catalogue.messages
        return messages.get(f"{key}@{self.reported_on}") or messages.get(key, ())

    def _unit_words(self) -> dict[str, str]:
        """What is reported on, by the place it goes to: ``unit`` as it is, ``Unit`` with a capital."""
        names = [key.removeprefix(_UNIT) for key in self.keys if key.startswith(_UNIT) and "@" not in key]
        words = {name: self._forms(_UNIT + name)[0] for name in names}
        return words | {name[0].upper() + name[1:]: word[0].upper() + word[1:] for name, word in words.items()}

    @property
    def keys(self) -> frozenset[str]:
        """Keys of all messages in the catalogue."""
        return frozenset(self._catalogue.messages)

    @property
    def decimal_mark(self) -> str:
        """What stands between a number and its decimals: a comma or a point."""
        return str(get_decimal_symbol(self._catalogue.locale))

    def language_name(self, code: str) -> str:
        """What a language is called in the reader's (``en``: Engels); its code where it has no name."""
        parts = code.replace("_", "-").split("-")
        name = self._catalogue.locale.languages.get(parts[0].lower())
        return code if name is None else f"{name} ({code})" if len(parts) > 1 else str(name)

    def has(self, key: str) -> bool:
        """Whether the catalogue has a message under this key, for keys made from codes in the data."""
        return key in self._catalogue.messages

    def text(self, key: str, **values: Value) -> str:
        """Return the wording under ``key`` with ``values`` in its ``{places}``.

        Parameters
        ----------
        key
            Key of the message, such as ``opening.n_patients``.
        **values
            Strings go in as they are (escape in the page, not here); whole numbers are written as the
            language writes them. Decimal numbers are refused: format them with `number`, so that their
            decimals are a choice. In a message with plural forms the value named ``n`` chooses the form.

        Raises
        ------
        ReportError
            When the language has no such message, a place has no value, or a value is a decimal number.

        Examples
        --------
        >>> Wording("nl").text("count.patients", n=1), Wording("nl").text("count.patients", n=1214)
        ('1 patiënt', '1.214 patiënten')
        """
        forms = self._forms(key)
        if not forms or not all(forms):
            raise ReportError(f"locale/{self.language}.po has no translation of '{key}'; add it there.")
        form = forms[0]
        if len(forms) > 1:
            if not isinstance(values.get("n"), Integral):
                raise ReportError(f"'{key}' has plural forms: give the whole number n, received {values.get('n')!r}.")
            form = forms[self._catalogue.plural(int(values["n"]))]
        written = {name: self._written(key, name, value) for name, value in values.items()}
        try:
            text = form.format(**self._units | written)
        except KeyError as error:
            raise ReportError(
                f"'{key}' ({self.language}) needs a value for {error}; received {sorted(values)}."
            ) from error
        if self.spoken is not None:
            self.spoken.append(Spoken(key, text, self._about))
        return text

    def _written(self, key: str, name: str, value: object) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, Integral) and not isinstance(value, bool):
            return self.number(int(value))
        raise ReportError(f"'{key}': value {name} is {value!r}; expected text or a whole number, format it first.")

    def number(self, value: float, decimals: int = 0) -> str:
        """Write a number with a fixed count of decimals: ``8,4``, ``1.234``, ``−0,2``; never minus zero.

        Raises
        ------
        ReportError
            When the value is not finite: say in words why there is no number.
        """
        if not math.isfinite(value):
            raise ReportError(f"a number in the report is {value}; say in words why it is not there.")
        rounded = round(float(value), decimals) + 0.0
        pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
        text = _figure(abs(rounded), pattern, self._catalogue.locale)
        return (_MINUS if rounded < 0 else "") + text

    def signed(self, value: float, decimals: int = 0) -> str:
        """Write a number with its sign: ``+0,24``, ``−1,1``; zero has none."""
        text = self.number(value, decimals)
        return text if text.startswith(_MINUS) or round(float(value), decimals) == 0 else f"+{text}"

    def percent(self, proportion: float, decimals: int = 0) -> str:
        """Write a proportion as a percentage: 0.314 is ``31%``."""
        if not math.isfinite(proportion):
            raise ReportError(f"a percentage in the report is {proportion}; say in words why it is not there.")
        rounded = round(float(proportion), decimals + 2) + 0.0
        pattern = ("#,##0." + "0" * decimals if decimals else "#,##0") + "%"
        text = _figure(abs(rounded), pattern, self._catalogue.locale)
        return (_MINUS if rounded < 0 else "") + text

    def date(self, day: Day) -> str:
        """Write a day in full: ``1 januari 2026``. ``day`` is a date or its ISO form."""
        return str(format_date(_as_date(day), "long", locale=self._catalogue.locale))

    def month(self, day: Day, *, short: bool = False) -> str:
        """Write a month with its year: ``maart 2026``, or short ``mrt 2026``. ``2026-03`` will do."""
        skeleton = "yMMM" if short else "yMMMM"
        return _day(_as_date(day), skeleton, self._catalogue.locale)

    def period(self, first: Day, last: Day) -> str:
        """Write a period with what its two days share said once: ``1 januari – 30 juni 2026``."""
        start, end = _as_date(first), _as_date(last)
        if start == end:
            return self.date(start)
        if start.year != end.year:
            return f"{self.date(start)} – {self.date(end)}"
        begin = format_skeleton("MMMMd", start, locale=self._catalogue.locale)
        return f"{begin} – {self.date(end)}"

    def duration(self, days: float) -> str:
        """Write how long something takes, in whole weeks, months or years: ``8 maanden``, ``4 jaar``.

        >>> Wording("nl").duration(1640), Wording("en").duration(200)
        ('4 jaar', '7 months')
        """
        return str(format_timedelta(dt.timedelta(days=days), "week", threshold=1.5, locale=self._catalogue.locale))

    def enumerate(self, parts: Sequence[str]) -> str:
        """Write a list in a sentence: ``a, b en c``."""
        return str(format_list(list(parts), locale=self._catalogue.locale))


# What Babel wrote is kept: pages write the same figures and months again and again.
@lru_cache(maxsize=8192)
def _figure(value: float, pattern: str, locale: Locale) -> str:
    write = format_percent if pattern.endswith("%") else format_decimal
    return str(write(value, pattern, locale=locale))


@lru_cache(maxsize=1024)
def _day(day: dt.date, skeleton: str, locale: Locale) -> str:
    return str(format_skeleton(skeleton, day, locale=locale))


def _as_date(day: Day) -> dt.date:
    if isinstance(day, dt.datetime):
        return day.date()
    if isinstance(day, dt.date):
        return day
    try:
        return dt.date.fromisoformat(f"{day}-01" if len(day) == 7 else day[:10])
    except ValueError as error:
        raise ReportError(f"a date in the report is '{day}'; expected YYYY-MM-DD or YYYY-MM.") from error
