"""Response and tokens, against counts made by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from pxanalysis.analysis.response_rate import estimate_response, match_tokens, weigh_responses

LEDGER = pl.DataFrame(
    {
        "token": ["t1", "t2", "t3", "t4", "t5"],
        "practice_id": ["A", "A", "A", "A", "B"],
        "month": ["2026-09"] * 5,
        "expires_on": [date(2026, 10, 1), date(2026, 10, 1), date(2026, 10, 1), date(2026, 12, 1), date(2026, 12, 1)],
        "age_group": ["old", "old", "young", "young", "old"],
    }
)
ANSWERS = pl.DataFrame(
    {
        "token": ["t1", "t1", "t2", "zz", "t5", None],
        "practice_id": ["A", "A", "A", "A", "A", "A"],
        "completed_on": [date(2026, 9, 20)] * 2 + [date(2026, 10, 9)] + [date(2026, 9, 20)] * 3,
    }
)


def test_what_tokens_are_worth() -> None:
    assert match_tokens(ANSWERS, LEDGER)["status"].to_list() == [
        "valid", "reused", "expired", "unknown", "other practice",
    ]  # fmt: skip


def test_response_by_hand() -> None:
    found = estimate_response(ANSWERS, LEDGER, case_mix=["age_group"], today=date(2026, 11, 1))
    a, b = found.table.to_dict("records")
    assert (a["invited"], a["answered"], a["open"]) == (4, 1, 1)
    assert a["rate"] == 0.25
    assert a["adjusted_rate"] == pytest.approx(1 / 3)
    assert 0 < a["ci_low"] < 1 / 3 < a["ci_high"] < 1
    assert np.isnan(b["adjusted_rate"])
    assert "has passed yet" in b["reason"]
    old = found.missing.set_index("category").loc["old"]
    assert (old["share_invited"], old["share_answered"]) == (pytest.approx(2 / 3), 1.0)
    assert "1 of 5 answered" in repr(found)
    assert found.glance()["n_tokens_refused"].item() == 4
    assert found.plot().get_ylabel().startswith("response")
    assert found.tidy()["estimate"].tolist() == [pytest.approx(1 / 3), pytest.approx(float("nan"), nan_ok=True)]
    assert "A 2026-09" in str(found.summary())
    assert "A 2026-09" in found.to_apa().to_string()


def test_weights_for_those_who_answered() -> None:
    ledger = LEDGER.with_columns(pl.lit("A").alias("practice_id"))
    answers = pl.DataFrame(
        {"token": ["t1", "t3", "t2"], "practice_id": ["A"] * 3, "completed_on": [date(2026, 9, 20)] * 3}
    )
    table, raked = weigh_responses(answers, ledger, ["age_group"])
    by_token = dict(table.iter_rows())
    assert by_token["t3"] == pytest.approx(0.4 * 3)
    assert by_token["t1"] == by_token["t2"] == pytest.approx(0.6 * 3 / 2)
    assert raked.effective_n == pytest.approx(9 / (1.2**2 + 2 * 0.9**2))
