"""Emotion as it was seen beside emotion as it was answered: where they agree, where not, and what each can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from pxanalysis.errors import AnalysisError
from pxanalysis.figures.page.experience_map.parts import signed
from pxanalysis.journey.experience_map.content import Measured, choose_role
from pxanalysis.journey.experience_map.words import words_of
from pxanalysis.result import Result, standard_columns
from pxanalysis.statistics.conventions import MINIMUM_N

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pxanalysis.analysis.observations.result import Observations
    from pxanalysis.survey.responses import Responses

__all__ = ["CAN_SHOW", "EmotionComparison", "Verdict", "compare_emotions", "judge"]

Verdict = Literal["alike", "seen_lower", "some_lower", "seen_higher", "not_measured", "not_seen"]

STEP = 1.0
"""Steps on −2 to +2 by which what was seen and what was answered must differ to be called different."""
GOOD = 0.5
"""From here on a score is good: 62.5 on 0-100."""
_SOME = 1 / 3
"""Share of observations below 0 that a good score should not hide."""

CAN_SHOW = {
    "nl": {
        "seen": "Wat gezien is, laat zien wat er gebeurt en waarom; het zijn weinigen, en zij zijn gekozen. Hoe vaak "
        "het voorkomt, zegt het niet.",
        "measured": "De score laat zien hoe vaak, bij wie antwoordde; wie bang was of wegbleef, antwoordt minder, en "
        "men geeft achteraf een cijfer voor hoe het afliep.",
    },
    "en": {
        "seen": "What was seen shows what happens and why; these are few people, and they were chosen. It does not say "
        "how often.",
        "measured": "The score shows how often, among those who answered; people who were afraid or stayed away answer "
        "less, and afterwards people grade how it ended.",
    },
}
"""By language: what observations and scores can and cannot show."""

_SENTENCES: dict[str, dict[str, str]] = {
    "nl": {
        "seen_lower": "{touchpoint}: de score is {score} ({measured}), maar wie gezien werd, voelde zich {seen} "
        "({below} van de {n} onder 0). Vraag na wat de score niet laat zien.",
        "some_lower": "{touchpoint}: de score is goed ({score}, {measured}), maar {below} van de {n} die gezien "
        "werden, voelden zich onder 0. Het gemiddelde verbergt hen.",
        "seen_higher": "{touchpoint}: gezien werd {seen} (n = {n}), maar de score is {score} ({measured}). Wie gezien "
        "werd, lijkt niet op wie antwoordde, of het gaat mis waar niemand keek.",
    },
    "en": {
        "seen_lower": "{touchpoint}: the score is {score} ({measured}), but those who were observed felt {seen} "
        "({below} of {n} below 0). Ask what the score does not show.",
        "some_lower": "{touchpoint}: the score is good ({score}, {measured}), but {below} of {n} who were observed "
        "felt below 0. The mean hides them.",
        "seen_higher": "{touchpoint}: {seen} was observed (n = {n}), but the score is {score} ({measured}). Those "
        "observed are unlike those who answered, or it goes wrong where nobody looked.",
    },
}


def judge(seen: float, share_negative: float, measured: float) -> Verdict:
    """Say how what was seen stands to what was answered, both −2 to +2.

    Examples
    --------
    >>> judge(-1.0, 0.8, 1.2), judge(0.6, 0.4, 1.2), judge(1.5, 0.0, 0.2), judge(0.5, 0.0, 1.0)
    ('seen_lower', 'some_lower', 'seen_higher', 'alike')
    """
    if seen - measured <= -STEP or (seen <= -GOOD and measured >= GOOD):
        return "seen_lower"
    if seen - measured >= STEP or (seen >= GOOD and measured <= -GOOD):
        return "seen_higher"
    return "some_lower" if measured >= GOOD and share_negative >= _SOME else "alike"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EmotionComparison(Result):
    """Emotion that was observed beside scores of a survey.

    Attributes
    ----------
    observations
        What was seen.
    measured
        What was answered, by touchpoint.
    role
        Whose; None: all roles.
    rows
        Per touchpoint: ``seen`` (mean, −2 to +2), ``n_seen``, ``below`` (of them, below 0), ``score`` (0-100) with
        ``score_low`` and ``score_high``, ``n_score``, ``measured`` (the score on −2 to +2), ``verdict``, ``reason``.
    simulated
        The answers were made up.
    """

    observations: Observations
    measured: Mapping[str, Measured]
    role: str | None
    rows: pd.DataFrame
    simulated: bool = False

    @property
    def labels(self) -> Mapping[str, str]:
        """What touchpoints are called."""
        return self.observations.labels

    def tidy(self) -> pd.DataFrame:
        """Seen minus answered per touchpoint, in steps of −2 to +2, with both; no interval, ``reason`` says why."""
        return standard_columns(self.rows.assign(estimate=self.rows["seen"] - self.rows["measured"]))

    def glance(self) -> pd.DataFrame:
        """How many touchpoints were seen, measured, both, and where the two differ."""
        both = self.rows["seen"].notna() & self.rows["measured"].notna()
        differ = self.rows["verdict"].isin(["seen_lower", "some_lower", "seen_higher"])
        return pd.DataFrame(
            {
                "role": [self.role or "all"],
                "touchpoints": [len(self.rows)],
                "n_seen": [int(self.rows["seen"].notna().sum())],
                "n_measured": [int(self.rows["measured"].notna().sum())],
                "n_both": [int(both.sum())],
                "n_differ": [int(differ.sum())],
                "simulated": [self.simulated],
                "notes": [" ".join(CAN_SHOW["en"].values())],
            }
        )

    def sentences(self, language: str = "nl") -> list[str]:
        """Where what was seen and what was answered disagree, a sentence each, worst first."""
        words_of(language, self.observations.journey.languages)
        labels = {one.id: one.label[language] for one in self.observations.journey.touchpoints}
        rows = self.rows[self.rows["verdict"].isin(list(_SENTENCES[language]))]
        rows = rows.assign(gap=rows["seen"] - rows["measured"]).sort_values("gap", kind="stable")
        return [
            _SENTENCES[language][row["verdict"]].format(
                touchpoint=labels[row["term"]],
                score=f"{row['score']:.0f}",
                measured=signed(row["measured"], language),
                seen=signed(row["seen"], language),
                below=int(row["below"]),
                n=int(row["n_seen"]),
            )
            for row in rows.to_dict("records")
        ]

    def plot(self, ax: Axes | None = None, *, language: str | None = None) -> Axes:
        """Draw the curve of what was seen with the scores beside it."""
        return self.observations.plot_experience_map(language, role=self.role, measured=self.measured, ax=ax)


def compare_emotions(
    observations: Observations,
    answers: Responses | Mapping[str, Measured],
    *,
    minimum_n: int = MINIMUM_N,
    role: str | None = None,
    weights: str | None = None,
) -> EmotionComparison:
    """Hold observed emotion beside scores; see :meth:`Observations.compare`.

    Raises
    ------
    AnalysisError
        When the answers are on another journey, or no answers.
    JourneyError
        When the journey has no such role.
    """
    choose_role(observations.journey, role)
    simulated = False
    if isinstance(answers, Mapping):
        measured = answers
    else:
        # Polars starts threads, and a report that brings its own figures is forked
        from pxanalysis.analysis.observations.measuring import measure_touchpoints
        from pxanalysis.survey.responses import check_responses

        check_responses(answers, "observations.compare(study.released)")
        if answers.journey.id != observations.journey.id:
            raise AnalysisError(
                f"answers: on journey '{answers.journey.id}', while the observations are on "
                f"'{observations.journey.id}'. Give answers on the same journey."
            )
        measured, simulated = measure_touchpoints(answers, minimum_n, role, weights=weights), answers.simulated
    seen = observations.tidy()
    by_name = {row["term"]: row for row in seen[seen["group"] == (role or "")].to_dict("records")}
    rows = [
        _row(name, by_name.get(name), measured.get(name))
        for name in (one.id for one in observations.journey.touchpoints)
    ]
    return EmotionComparison(observations, measured, role, pd.DataFrame(rows), simulated)


def _row(name: str, seen: Mapping[Any, Any] | None, measured: Measured | None) -> dict[str, object]:
    known = seen is not None and seen["n"] > 0
    felt = float(seen["estimate"]) if seen is not None and known else np.nan
    share = float(seen["share_negative"]) if seen is not None and known else np.nan
    n = int(seen["n"]) if seen is not None else 0
    answered = measured.feels if measured is not None else None
    verdict: Verdict
    if not known:
        verdict, reason = "not_seen", "nobody was seen to feel something here"
    elif answered is None:
        verdict, reason = "not_measured", measured.reason if measured is not None else "no question on it"
    else:
        verdict, reason = judge(felt, share, answered), _NO_INTERVAL
    return {
        "term": name,
        "seen": felt,
        "n_seen": n,
        "below": round(share * n) if known else 0,
        "score": np.nan if measured is None or measured.score is None else measured.score,
        "score_low": _or_nan(None if measured is None else measured.ci_low),
        "score_high": _or_nan(None if measured is None else measured.ci_high),
        "n_score": 0 if measured is None else measured.n or 0,
        "measured": _or_nan(answered),
        "verdict": verdict,
        "reason": reason,
    }


_NO_INTERVAL = "people who were observed are chosen, not sampled: the difference has no interval"


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value
