"""What tests of several rooms share: reliability: against psych, semtools, lavaan, smartpls and factanal, against
known truths, and at every edge.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import strategies as st
from places import SHARED_FOLDER, TESTS

import pxanalysis.audit.reliability as audit_reliability
from pxanalysis.analysis.reliability import (
    estimate_scale_reliability,
)
from pxanalysis.statistics.factor.one_factor import fit_factors
from pxanalysis.statistics.moments.two_way_tables import PolychoricFit

REFERENCE = TESTS / "reference" / "sem"


SHARED = SHARED_FOLDER / "reference" / "sem"


SCALES = {name: [f"{name[0].upper()}{i}" for i in range(1, 6)] for name in ("agree", "consc", "extra", "neuro", "open")}


BFI = [item for items in SCALES.values() for item in items]


REVERSED = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]


OWNER = np.repeat(np.arange(5), 5)


def reference(name: str) -> dict:
    return json.loads((REFERENCE / name).read_text())


def matrix(table: dict) -> np.ndarray:
    return np.array(table["values"], dtype=np.float64)


PSYCH = reference("psych_alpha_bfi.json")


SEMTOOLS = reference("semtools_reliability_bfi.json")


ORDINAL = reference("ordinal_reliability_bfi_agree.json")


PSYCH_HS = reference("psych_hs.json")["scales"]


CFA_COV = matrix(SEMTOOLS["cfa"]["covariance"])


@pytest.fixture(scope="module")
def cfa():
    return fit_factors(CFA_COV[None], OWNER)


@pytest.fixture(scope="module")
def hs() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "hs_ordinal4.csv")


@pytest.fixture(scope="module")
def bfi() -> pd.DataFrame:
    path = SHARED / "bfi_complete.csv"
    if not path.exists():
        pytest.skip("the bfi answers (psychTools, GPL) are not part of the project and ../shared/reference is absent")
    rows = pd.read_csv(path)[BFI]
    return rows.assign(**{item: 7 - rows[item] for item in REVERSED})


# ---------------------------------------------------------------- ordinal: semTools (Green & Yang), lavaan WLSMV, psych


def ordinal_fit() -> PolychoricFit:
    """The one that the audit takes from lavaan."""
    return audit_reliability.ordinal_fit(TESTS / "reference")


# ---------------------------------------------------------------- mobi: published PLS results, to the printed digits

MOBI = {
    "Image": [f"IMAG{i}" for i in range(1, 6)],
    "Expectation": ["CUEX1", "CUEX2", "CUEX3"],
    "Value": ["PERV1", "PERV2"],
    "Satisfaction": ["CUSA1", "CUSA2", "CUSA3"],
}


# SmartPLS/seminr on mobi (semPLS), paths Image, Expectation, Value -> Satisfaction: the project's design notes on SEM.
MOBI_PRINTED = {
    "alpha_standardised": [0.7228, 0.4519, 0.8236, 0.7792],
    "rho_c": [0.8183, 0.7332, 0.9179, 0.8715],
    "ave": [0.4780, 0.4805, 0.8483, 0.6934],
    "rho_a": [0.7453, 0.4617, 0.8575, 0.7840],
}


@pytest.fixture(scope="module")
def mobi(real_data) -> pd.DataFrame:
    return pd.read_csv(real_data / "mobi" / "mobi.csv")


# ---------------------------------------------------------------- known truths


def answers(loadings: list[float], n: int, seed: int) -> pd.DataFrame:
    """Congeneric items with unit error variances."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, 1)) * np.array(loadings) + rng.normal(size=(n, len(loadings)))
    return pd.DataFrame(values, columns=[f"i{j}" for j in range(len(loadings))])


def patients_of_practices(rng, *, practices, patients, icc, unevenness):
    """Answers (n, 4) and practice codes; ``unevenness`` is the spread between practices of the log of the noise."""
    codes = np.repeat(np.arange(practices), patients)
    trait = np.sqrt(1 - icc) * rng.normal(size=codes.size) + np.sqrt(icc) * rng.normal(size=practices)[codes]
    noise = np.exp(unevenness * rng.normal(size=practices) - unevenness**2)
    return trait[:, None] + noise[codes, None] * rng.normal(size=(codes.size, 4)), codes


# ---------------------------------------------------------------- properties

positive = st.integers(0, 2**32 - 1)


def random_frame(seed: int, k: int = 4, n: int = 60) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 1)) * rng.uniform(0.4, 1.5, k) + rng.normal(size=(n, k)) * rng.uniform(0.5, 1.5, k)


# ---------------------------------------------------------------- edges: each with its reason


def edge(values: object, **options: object):
    return estimate_scale_reliability(pd.DataFrame(values), n_bootstrap=20, **options)


BASE = random_frame(9, 3, 30)


EDGES = {
    "single-item": ({"a": [1, 2, 3, 4]}, "single-item"),
    "no-answers": ({"a": [1.0, 2, 3, 4], "b": [np.nan] * 4, "c": [1.0, 2, 2, 4]}, "not-estimable"),
    "constant-item": ({"a": [1.0, 2, 3, 4], "b": [5.0] * 4, "c": [1.0, 2, 2, 4]}, "not-estimable"),
    "too-few-rows": ({"a": [1.0, 2, 3], "b": [2.0, 1, 3], "c": [1.0, 2, 2]}, "not-estimable"),
    "too-few-complete-rows": (
        {"a": [1, 2, np.nan, 4, 5], "b": [1, np.nan, 2, 3, 4], "c": [1, 2, 3, np.nan, 4]},
        "not-estimable",
    ),
    "negative-alpha": ({"a": BASE[:, 0], "b": -BASE[:, 0] + 0.5 * BASE[:, 1]}, "negative"),
}
