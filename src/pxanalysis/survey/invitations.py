"""Who is invited: appointments sampled by a stated rule, a random token each, and a list that can be thrown away.

Three files: the *sending list* joins token and appointment and is deleted after some days; the *ledger* has token,
practice, month and expiry and stays, for the response; the *QR sheet* is for handing out. As long as the sending list
exists an answer can be traced to an appointment: answers are pseudonymous, not anonymous.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from pxanalysis.errors import SurveyError
from pxanalysis.survey.checking.parsing import parse_dates, parse_text
from pxanalysis.survey.files import write_atomically
from pxanalysis.survey.sources.read import read_source
from pxanalysis.survey.spreadsheets import neutralise_table, restore_text

__all__ = [
    "LEDGER",
    "SECRET",
    "Invitations",
    "SamplingRule",
    "delete_overdue",
    "draw_invitations",
    "looks_like_bsn",
    "parse_rule",
    "read_appointments",
    "read_ledger",
    "write_invitations",
]

SECRET = "PXANALYSIS_INVITATION_SECRET"
"""Environment variable with the secret by which patients' keys are hashed; at least 16 characters."""

LEDGER = "ledger.csv"
_SENDING = re.compile(r"sending-list-delete-after-(\d{4}-\d{2}-\d{2})(-\d+)?\.(csv|html)")
_COLUMNS = {
    "practice_id": ("practice_id", "practice", "praktijk", "praktijkcode"),
    "date": ("date", "datum", "appointment_date", "afspraakdatum"),
    "patient_key": ("patient_key", "patient", "patiënt", "patientnummer"),
}
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters that are taken for another one when typed over from paper."""
_TOKEN_LENGTH = 16
_LEDGER_TYPES = {
    "token": pl.String, "practice_id": pl.String, "month": pl.String, "invited_on": pl.Date, "expires_on": pl.Date,
    "person": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SamplingRule:
    """``every`` visit; ``one-in`` n, within each practice from a random start; ``once-in`` m months per patient."""

    kind: Literal["every", "one-in", "once-in"] = "every"
    number: int = 1

    def __str__(self) -> str:
        return {"every": "every visit", "one-in": f"one in {self.number}", "once-in": f"once in {self.number} months"}[
            self.kind
        ]


@dataclass(frozen=True, slots=True, eq=False)
class Invitations:
    """What came of one round.

    Attributes
    ----------
    sending
        ``token, link, expires_on, practice_id, date, patient_key`` (when given), one row per invitation.
    ledger
        ``token, practice_id, month, invited_on, expires_on, person`` and the case mix that the appointments had.
    n_appointments
        Appointments in the file.
    """

    rule: SamplingRule
    sending: pl.DataFrame
    ledger: pl.DataFrame
    n_appointments: int


def parse_rule(text: str) -> SamplingRule:
    """Read a rule: ``every``, ``one in 3`` or ``once in 6 months``.

    >>> str(parse_rule("once in 6 months"))
    'once in 6 months'
    """
    plain = " ".join(text.lower().replace("-", " ").split())
    if plain in {"every", "every visit"}:
        return SamplingRule()
    found = re.fullmatch(r"(one|once) in (\d{1,3})( months?)?", plain)
    if not found or int(found[2]) < 1 or (found[1] == "once") != bool(found[3]):
        raise SurveyError(f"rule: expected 'every', 'one in 3' or 'once in 6 months'; received '{text}'.")
    return SamplingRule("one-in" if found[1] == "one" else "once-in", int(found[2]))


def looks_like_bsn(key: str) -> bool:
    """Whether a key has the form of a Dutch citizen service number: 8 or 9 digits that pass its check sum.

    >>> looks_like_bsn("111222333"), looks_like_bsn("111222334"), looks_like_bsn("A-17")
    (True, False, False)
    """
    digits = re.sub(r"[ .]", "", key)
    if not re.fullmatch(r"\d{8,9}", digits):
        return False
    values = [int(digit) for digit in digits.zfill(9)]
    return any(values) and sum(v * w for v, w in zip(values, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True)) % 11 == 0


def read_appointments(path: Path) -> pl.DataFrame:
    """Read appointments: ``practice_id``, ``date``, where given ``patient_key``, and other columns as they are.

    Raises
    ------
    SurveyError
        When a column is absent, a date cannot be read, or a key looks like a BSN; naming row and remedy.
    """
    raw = read_source(path)
    names: dict[str, str] = {}
    for name, accepted in _COLUMNS.items():
        found = next((column for column in raw.cells.columns if column.strip().casefold() in accepted), None)
        if found is not None:
            names[name] = found
        elif name != "patient_key":
            raise SurveyError(
                f"{path.name}, row 1: there is no column '{name}'; found {', '.join(raw.cells.columns[:10])}. Name it "
                f"{' or '.join(accepted)}."
            )
    dates, failed = parse_dates(raw.cells[names["date"]])
    practices = parse_text(raw.cells[names["practice_id"]])
    for wrong, what in ((failed | dates.is_null(), "date"), (practices.is_null(), "practice_id")):
        if wrong.any():
            row = raw.rows[int(wrong.arg_true()[0])]
            raise SurveyError(f"{path.name}, row {row}: no usable {what}; expected for example 2026-10-31 as a date.")
    table = [practices.alias("practice_id"), dates.alias("date")]
    if "patient_key" in names:
        keys = parse_text(raw.cells[names["patient_key"]])
        _refuse_bsn(path.name, keys, raw.rows)
        table.append(keys.alias("patient_key"))
    others = [raw.cells[name] for name in raw.cells.columns if name not in names.values()]
    return pl.DataFrame([*table, *others])


def _refuse_bsn(file: str, keys: pl.Series, rows: pl.Series) -> None:
    for row, key in zip(rows, keys, strict=True):
        if key is not None and looks_like_bsn(key):
            raise SurveyError(
                f"{file}, row {row}: the patient key has the form of a BSN, which may not be used for this. Export a "
                "number of your own system, or leave the column out."
            )


def draw_invitations(
    appointments: pl.DataFrame,
    *,
    link: str,
    rule: SamplingRule | None = None,
    ledger: pl.DataFrame | None = None,
    today: date | None = None,
    days: int = 30,
    secret: str | None = None,
    keep: tuple[str, ...] = (),
    seed: int | None = None,
) -> Invitations:
    """Draw who is invited, and give each a token.

    Parameters
    ----------
    link
        Address of the questionnaire with ``{token}`` in it and, where wanted, ``{practice_id}``.
    ledger
        What went before, for "once in m months".
    days
        After how many days an invitation expires.
    secret
        By which patients' keys are hashed (HMAC-SHA-256); needed for "once in m months".
    keep
        Columns of the appointments (case mix) that go into the ledger.
    seed
        Of the random start of "one in n"; random when left out. Tokens are always from the system's own randomness.
    """
    rule = rule or SamplingRule()
    today = today or date.today()
    if "{token}" not in link:
        raise SurveyError("link: expected an address with {token} in it, as https://example.org/f?token={token}.")
    people = _hash_people(appointments, rule, secret)
    rows = _sample(appointments.with_columns(people), rule, ledger, seed)
    tokens = ["".join(secrets.choice(_LETTERS) for _ in range(_TOKEN_LENGTH)) for _ in range(rows.height)]
    expires = today + timedelta(days=days)
    made = rows.with_columns(
        pl.Series("token", tokens, dtype=pl.String),
        pl.Series("link", _links(link, tokens, rows["practice_id"].to_list()), dtype=pl.String),
        pl.lit(expires).alias("expires_on"),
        pl.lit(today).alias("invited_on"),
        pl.col("date").dt.strftime("%Y-%m").alias("month"),
    )
    absent = [name for name in keep if name not in made.columns]
    if absent:
        raise SurveyError(f"keep: the appointments have no column '{absent[0]}'; they have: {', '.join(rows.columns)}.")
    sent = ["token", "link", "expires_on", "practice_id", "date", *(["patient_key"] if "patient_key" in made else [])]
    return Invitations(rule, made.select(sent), made.select([*_LEDGER_TYPES, *keep]), appointments.height)


def _links(link: str, tokens: list[str], practices: list[str]) -> list[str]:
    from urllib.parse import quote

    return [
        link.replace("{token}", token).replace("{practice_id}", quote(practice, safe=""))
        for token, practice in zip(tokens, practices, strict=True)
    ]


def _hash_people(appointments: pl.DataFrame, rule: SamplingRule, secret: str | None) -> pl.Series:
    """A hash per patient that cannot be turned back without the secret; null without keys."""
    if rule.kind != "once-in":
        return pl.Series("person", [None] * appointments.height, dtype=pl.String)
    if "patient_key" not in appointments.columns or appointments["patient_key"].null_count():
        raise SurveyError(
            f"rule '{rule}': needs a patient_key for every appointment; there are rows without. Add the column, or "
            "invite by 'every' or 'one in 3'."
        )
    if not secret or len(secret) < 16:
        raise SurveyError(
            f"rule '{rule}': needs a secret of at least 16 characters in the environment variable {SECRET}, the same "
            "one each time; keep it outside the study folder."
        )
    keys = appointments["patient_key"].to_list()
    return pl.Series(
        "person", [hmac.new(secret.encode(), key.encode(), hashlib.sha256).hexdigest()[:32] for key in keys]
    )


def _sample(table: pl.DataFrame, rule: SamplingRule, ledger: pl.DataFrame | None, seed: int | None) -> pl.DataFrame:
    table = table.sort("date", maintain_order=True)
    if rule.kind == "every":
        return table
    if rule.kind == "one-in":
        rng = np.random.default_rng(seed)
        starts = {name: int(rng.integers(rule.number)) for name in table["practice_id"].unique(maintain_order=True)}
        start = pl.col("practice_id").replace_strict(starts, return_dtype=pl.Int64)
        place = pl.int_range(pl.len()).over("practice_id")
        return table.filter(place % rule.number == start % rule.number)
    last: dict[str, date] = {}
    if ledger is not None:
        known = ledger.filter(pl.col("person").is_not_null())
        last = dict(known.group_by("person").agg(pl.col("invited_on").max()).iter_rows())
    kept = []
    for person, day in zip(table["person"], table["date"], strict=True):
        before = last.get(person)
        free = before is None or day >= _months_later(before, rule.number)
        kept.append(free)
        if free:
            last[person] = day
    return table.filter(pl.Series(kept, dtype=pl.Boolean))


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, 28))


def read_ledger(folder: Path) -> pl.DataFrame | None:
    """Read the ledger of a folder of invitations; None when there is none yet."""
    path = folder / LEDGER
    if not path.is_file():
        return None
    table = pl.read_csv(path, infer_schema=False)
    absent = sorted(_LEDGER_TYPES.keys() - set(table.columns))
    if absent:
        raise SurveyError(f"{path}: the column '{absent[0]}' is not there; is it the ledger that 'invite' wrote?")
    table = table.with_columns(pl.all().map_elements(restore_text, return_dtype=pl.String))
    return table.with_columns(pl.col("invited_on", "expires_on").str.to_date("%Y-%m-%d"))


def write_invitations(made: Invitations, folder: Path, *, delete_after: date) -> Mapping[str, Path]:
    """Write the sending list, its name saying when it goes, and add to the ledger."""
    folder.mkdir(parents=True, exist_ok=True)
    before = read_ledger(folder)
    ledger = made.ledger if before is None else pl.concat([before, made.ledger], how="diagonal_relaxed")
    name = f"sending-list-delete-after-{delete_after.isoformat()}"
    sending = folder / f"{name}.csv"
    for n in range(2, 100):
        if not sending.exists():
            break
        sending = folder / f"{name}-{n}.csv"
    write_atomically(sending, neutralise_table(made.sending).write_csv())
    sending.chmod(0o600)
    write_atomically(folder / LEDGER, neutralise_table(ledger).write_csv())
    return {"sending": sending, "ledger": folder / LEDGER}


def delete_overdue(folder: Path, *, today: date | None = None) -> list[Path]:
    """Delete sending lists whose day has passed; from then on no answer can be traced to an appointment."""
    today = today or date.today()
    gone = []
    for path in sorted(folder.glob("sending-list-*")):
        found = _SENDING.fullmatch(path.name)
        if found and date.fromisoformat(found[1]) < today:
            path.unlink()
            gone.append(path)
    return gone
