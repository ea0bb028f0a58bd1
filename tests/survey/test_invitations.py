"""Who is invited, with what token, and that nothing more is kept than is said."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from pxanalysis.errors import SurveyError
from pxanalysis.survey.invitations import (
    delete_overdue,
    draw_invitations,
    looks_like_bsn,
    parse_rule,
    read_appointments,
    read_ledger,
    write_invitations,
)
from pxanalysis.survey.qr_sheet import make_qr_sheet

LINK = "https://vragen.example.org/f?practice_id={practice_id}&token={token}"
TODAY = date(2026, 10, 1)
SECRET = "a secret of enough letters"


def appointments(n: int = 60, people: int = 20) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "practice_id": [f"P{i % 2}" for i in range(n)],
            "date": [TODAY - timedelta(days=n - i) for i in range(n)],
            "patient_key": [f"K{i % people}" for i in range(n)],
            "age_group": ["old" if i % 3 else "young" for i in range(n)],
        }
    )


def test_every_visit_gets_a_token_of_its_own() -> None:
    made = draw_invitations(appointments(), link=LINK, today=TODAY)
    tokens = made.sending["token"]
    assert tokens.n_unique() == 60
    assert all(len(token) == 16 for token in tokens)
    assert made.sending["expires_on"].unique().to_list() == [TODAY + timedelta(days=30)]
    assert made.sending["link"][0] == LINK.replace("{practice_id}", "P0").replace("{token}", tokens[0])


def test_tokens_differ_from_round_to_round() -> None:
    first, second = (
        set(draw_invitations(appointments(), link=LINK, today=TODAY, seed=1).sending["token"]) for _ in range(2)
    )
    assert not first & second


def test_one_in_three_is_one_in_three_of_each_practice() -> None:
    made = draw_invitations(appointments(), link=LINK, rule=parse_rule("one in 3"), today=TODAY, seed=2)
    assert made.sending.group_by("practice_id").len()["len"].to_list() == [10, 10]


def test_once_in_six_months_goes_by_person_and_by_what_went_before(tmp_path: Path) -> None:
    rule = parse_rule("once in 6 months")
    made = draw_invitations(appointments(), link=LINK, rule=rule, today=TODAY, secret=SECRET, keep=("age_group",))
    assert made.sending["patient_key"].n_unique() == made.sending.height == 20
    assert not set(made.ledger.columns) & {"patient_key", "date", "link"}
    assert not made.ledger["person"].is_in(made.sending["patient_key"].implode()).any()
    write_invitations(made, tmp_path, delete_after=TODAY)
    again = draw_invitations(
        appointments(), link=LINK, rule=rule, ledger=read_ledger(tmp_path), today=TODAY, secret=SECRET
    )
    assert again.sending.height == 0
    later = appointments().with_columns(pl.col("date") + timedelta(days=250))
    assert (
        draw_invitations(later, link=LINK, rule=rule, ledger=read_ledger(tmp_path), secret=SECRET).sending.height == 20
    )


def test_token_and_appointment_are_parted_after_the_day(tmp_path: Path) -> None:
    made = draw_invitations(appointments(4), link=LINK, today=TODAY)
    paths = write_invitations(made, tmp_path, delete_after=date(2026, 12, 1))
    assert oct(paths["sending"].stat().st_mode)[-3:] == "600"
    assert delete_overdue(tmp_path, today=date(2026, 12, 1)) == []
    assert delete_overdue(tmp_path, today=date(2026, 12, 2)) == [paths["sending"]]
    assert not paths["sending"].exists()
    ledger = read_ledger(tmp_path)
    assert ledger is not None
    assert ledger.height == 4


def test_a_second_round_adds_to_the_ledger_and_keeps_its_own_list(tmp_path: Path) -> None:
    for _ in range(2):
        write_invitations(draw_invitations(appointments(4), link=LINK, today=TODAY), tmp_path, delete_after=TODAY)
    assert len(list(tmp_path.glob("sending-list*"))) == 2
    ledger = read_ledger(tmp_path)
    assert ledger is not None
    assert ledger["token"].n_unique() == 8


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("praktijk;datum;patient_key\nP1;2026-09-01;111222333\n", "row 2: the patient key has the form of a BSN"),
        ("praktijk;patient_key\nP1;3\n", "there is no column 'date'"),
        ("praktijk;datum\nP1;morgen\n", "row 2: no usable date"),
    ],
)
def test_bad_appointments_are_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SurveyError, match=said):
        read_appointments(path)


def test_rules_and_secrets_are_checked() -> None:
    with pytest.raises(SurveyError, match="expected 'every', 'one in 3' or 'once in 6 months'"):
        parse_rule("sometimes")
    with pytest.raises(SurveyError, match="needs a secret of at least 16 characters"):
        draw_invitations(appointments(), link=LINK, rule=parse_rule("once in 6 months"), secret="short")
    with pytest.raises(SurveyError, match=r"with \{token\} in it"):
        draw_invitations(appointments(), link="https://example.org/f")


def test_bsn_check_sum() -> None:
    assert looks_like_bsn("111222333")
    assert looks_like_bsn("123456782")
    assert not looks_like_bsn("123456789")
    assert not looks_like_bsn("000000000")


def test_the_sheet_has_a_code_and_an_address_for_each() -> None:
    pytest.importorskip("segno")
    page = make_qr_sheet([("https://x.nl/f?a=1&token=<t>", "P & Q", TODAY)] * 3, "en")
    assert page.count("<svg") == 3
    assert "a=1&amp;token=&lt;t&gt;" in page
    assert "P &amp; Q" in page


def test_nothing_in_the_lists_runs_as_a_formula_and_ids_come_back_as_they_were(tmp_path: Path) -> None:
    ids = ["=cmd|x", "+31 praktijk", "'s-Gravenhage", "01011644"]
    table = appointments(8).with_columns(pl.Series("practice_id", ids * 2))
    paths = write_invitations(draw_invitations(table, link=LINK, today=TODAY), tmp_path, delete_after=TODAY)
    for path in paths.values():
        cells = pl.read_csv(path, infer_schema=False)
        assert not any(str(cell).lstrip().startswith(("=", "+", "@")) for row in cells.iter_rows() for cell in row)
    known = read_ledger(tmp_path)
    assert known is not None
    assert set(known["practice_id"]) == set(ids)
