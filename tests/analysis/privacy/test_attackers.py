"""Two attackers with every page in hand: one who takes releases from each other, one who solves a single release.

The first knows more than any reader: who is behind each figure, and every sum without rounding. What then can be worked
out is the space that the released sums span; a few people are found out when a sum in it is on fewer than ten of them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl
import pytest
from privacy_data import assert_safe, with_totals
from scipy.optimize import linprog

from pxanalysis.analysis.privacy import suppress
from pxanalysis.analysis.privacy.cells import quarter_of
from pxanalysis.analysis.privacy.counted import count_answers
from pxanalysis.analysis.privacy.fingerprints import ANSWERED
from pxanalysis.analysis.privacy.known import know_answers
from pxanalysis.analysis.privacy.release import ReleaseState, make_release
from pxanalysis.analysis.trends.released import SEEN, renew_parts
from pxanalysis.analysis.whole_study.fit import fit_study
from pxanalysis.analysis.whole_study.frames import FRAMES, list_columns
from pxanalysis.analysis.whole_study.settings import FitSettings
from pxanalysis.journey import Journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study.dentist_answers import DentistAnswers
from pxanalysis.survey.reading import read_survey
from pxanalysis.survey.responses import Responses
from pxanalysis.survey.scores import score_items, score_responses

MINIMUM = 10
KEY = b"attacker"

Length = Literal["month", "quarter", "year"]
Published = dict[tuple[str, str], frozenset[int]]
"""Who is behind each figure: practice (empty: all) and part, or part and period."""


@pytest.fixture(scope="module")
def pool(treatment: Journey, tmp_path_factory: pytest.TempPathFactory) -> Responses:
    """People to draw from; a third of them meet the anaesthesia."""
    folder: Path = tmp_path_factory.mktemp("raw")
    simulate_survey(treatment, practices=4, responses=(300, 300), seed=5).write(folder)
    read = read_survey(folder / "simulated.csv", journey="dental-treatment")
    met = pl.int_range(pl.len()) % 3 == 0
    rare = [item.id for item in treatment.touchpoint("anaesthesia").items]
    return replace(read, table=read.table.with_columns(pl.when(met).then(pl.col(rare))))


def weeks(pool: Responses, rng: np.random.Generator, days_apart: int = 7) -> list[Responses]:
    """All answers as they stand at each of eight moments: some new, some withdrawn or changed, a form that changed."""
    places = {name: rng.permutation(300)[: rng.integers(5, 61)] for name in pool.practices}
    arrival = {name: np.sort(rng.integers(0, 8, size)) for name, size in ((k, len(v)) for k, v in places.items())}
    number = pl.int_range(pl.len()).over("practice_id").alias("number")
    table = pool.table.with_columns(number)
    day = np.datetime64("2026-01-05")
    new_item = str(rng.choice([placed.id for placed in pool.journey.items]))
    gone: set[str] = set()
    changed: dict[str, int] = {}
    found = []
    for week in range(8):
        parts = []
        for name, chosen in places.items():
            here = chosen[arrival[name] <= week]
            came = arrival[name][arrival[name] <= week]
            part = table.filter((pl.col("practice_id") == name) & pl.col("number").is_in(here))
            when = dict(zip(here.tolist(), came.tolist(), strict=True))
            days = [(day + days_apart * when[one]).astype(object) for one in part["number"]]
            late = [when[one] < 4 for one in part["number"]]
            asked = pl.when(~pl.Series(late, dtype=pl.Boolean)).then(pl.col(new_item))
            parts.append(part.with_columns(pl.Series("completed_on", days, dtype=pl.Date), asked.alias(new_item)))
        now = pl.concat(parts).drop("number")
        ids = now["response_id"].to_list()
        if rng.random() < 0.4 and ids:
            gone.add(str(rng.choice(ids)))
        if rng.random() < 0.4 and ids:
            changed[str(rng.choice(ids))] = int(rng.integers(1, 11))
        now = now.filter(~pl.col("response_id").is_in(sorted(gone)))
        marks = [changed.get(one, mark) for one, mark in now.select("response_id", "ktv").iter_rows()]
        found.append(replace(pool, table=now.with_columns(pl.Series("ktv", marks, dtype=now.schema["ktv"]))))
    return found


def publish(
    responses: Responses, state: ReleaseState, before: Published, lengths: tuple[Length, ...] = ("month",)
) -> tuple[ReleaseState, Published]:
    """One release: who is behind every figure of practices, of all together and of periods, shown or left as it was."""
    release = make_release(responses, state, key=KEY, minimum_n=MINIMUM)
    counted, member = count_answers(responses, release), release.membership
    rows = np.flatnonzero(counted.rows)
    practices = [member.practices.names[place] for place in member.practices.of_row[rows].tolist()]
    columns = {name: column.notna().to_numpy() for name, column in counted.items.items.items()}
    columns |= {name: column.notna().to_numpy() for name, column in score_responses(counted.shown).items()}
    columns |= {o.id: counted.shown.table[o.id].is_not_null().to_numpy() for o in responses.journey.outcomes}
    published = {place: people for place, people in before.items() if place[0] in counted.frozen}
    for part, kept in columns.items():
        groups: dict[str, set[int]] = defaultdict(set)
        for row, practice, has in zip(rows, practices, kept, strict=True):
            if has:
                groups[practice].add(member.elements[part][row])
        shown = {name: people for name, people in groups.items() if len(people) >= MINIMUM}
        published |= {(name, part): frozenset(people) for name, people in shown.items()}
        published["", part] = frozenset().union(*shown.values())
    months = responses.table["completed_on"].dt.strftime("%Y-%m").to_list()
    for length in lengths:
        table = counted.of_periods(length).table
        for outcome in responses.journey.rated_outcomes:
            pure = table[outcome.id].is_not_null().to_numpy()
            for row, practice, has in zip(rows, practices, pure, strict=True):
                if has:
                    period = months[row] if length == "month" else quarter_of(months[row])
                    place = (practice, f"{outcome.id} {period}")
                    published[place] = published.get(place, frozenset()) | {member.elements[outcome.id][row]}
    return release.state, published


def who_owns(responses: Responses, state: ReleaseState) -> dict[int, int]:
    """Whose each answer is, by its hash."""
    known = know_answers(responses, state.people, KEY)
    codes = known.people.codes.tolist()
    return {one: code for hashes in known.elements.values() for one, code in zip(hashes.tolist(), codes, strict=True)}


def fewest_people(vectors: list[frozenset[int]], owner: dict[int, int]) -> int:
    """Smallest number of people that a sum in the span of these sums is on.

    People who are in the same sums are one column. Pivots are taken on the largest columns first: a sum that uses a row
    has all of its pivot's people, so only combinations of rows with pivots below the minimum can be on fewer.
    """
    everybody = sorted(frozenset().union(*vectors))
    if not everybody:
        return MINIMUM
    matrix = np.array([[one in vector for one in everybody] for vector in set(vectors)], dtype=np.float64)
    patterns, place = np.unique(matrix, axis=1, return_inverse=True)
    groups = [{owner[everybody[i]] for i in np.flatnonzero(place.ravel() == g)} for g in range(patterns.shape[1])]
    order = sorted(range(len(groups)), key=lambda g: -len(groups[g]))
    reduced, pivots = _reduce(patterns[:, order])
    small = [row for row, pivot in zip(reduced, pivots, strict=True) if len(groups[order[pivot]]) < MINIMUM]
    candidates = [*small, *(a - b for a in small for b in small if a is not b), *(a + b for a in small for b in small)]
    sizes = [len(set().union(*(groups[order[g]] for g in np.flatnonzero(np.abs(row) > 1e-8)))) for row in candidates]
    return min([size for size in sizes if size], default=MINIMUM)


def _reduce(matrix: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """Reduced row echelon form and its pivots."""
    rows, pivots, top = matrix.copy(), [], 0
    for column in range(rows.shape[1]):
        if top == len(rows):
            break
        best = top + int(np.abs(rows[top:, column]).argmax())
        if abs(rows[best, column]) < 1e-9:
            continue
        rows[[top, best]] = rows[[best, top]]
        rows[top] /= rows[top, column]
        others = np.arange(len(rows)) != top
        rows[others] -= np.outer(rows[others, column], rows[top])
        pivots.append(column)
        top += 1
    return rows[:top], pivots


def attack(pool: Responses, seed: int, days_apart: int = 7, lengths: tuple[Length, ...] = ("month",)) -> dict[str, int]:
    """Fewest people that any combination of figures on one question is on, over all releases of a sequence."""
    state, published, owner = ReleaseState.empty(), {}, {}
    vectors: dict[str, list[frozenset[int]]] = defaultdict(list)
    for responses in weeks(pool, np.random.default_rng(seed), days_apart):
        owner |= who_owns(responses, state)
        state, published = publish(responses, state, published, lengths)
        for (_, part), behind in published.items():
            vectors[part.split(" ")[0]].append(behind)
    return {part: fewest_people(found, owner) for part, found in vectors.items()}


def test_the_attacker_finds_one_who_is_shown_at_once() -> None:
    """The attack works where there is no rule: ten who phoned, then eleven."""
    owner = dict(zip(range(40), range(40), strict=True))
    assert fewest_people([frozenset(range(10)), frozenset(range(11))], owner) == 1
    months = [frozenset(range(30)), frozenset(range(12)), frozenset(range(12, 25))]
    assert fewest_people(months, owner) == 5
    assert fewest_people([frozenset(range(10)), frozenset(range(20))], owner) == MINIMUM


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
def test_differences_of_releases_find_nobody(pool: Responses, seed: int) -> None:
    found = attack(pool, seed)
    assert {part: size for part, size in found.items() if size < MINIMUM} == {}


@pytest.mark.slow
def test_differences_of_60_sequences_find_nobody(pool: Responses) -> None:
    for seed in range(3, 63):
        found = attack(pool, seed)
        assert {part: size for part, size in found.items() if size < MINIMUM} == {}, seed


def attack_touchpoints(pool: Responses, seed: int, days_apart: int) -> dict[str, int]:
    """Fewest people that any combination is on of touchpoints' figures, of releases and of their months."""
    state, published, owner, parts = ReleaseState.empty(), {}, {}, []
    vectors: dict[str, list[frozenset[int]]] = defaultdict(list)
    touchpoints = [one.id for one in pool.journey.touchpoints if one.items]
    for responses in weeks(pool, np.random.default_rng(seed), days_apart):
        owner |= who_owns(responses, state)
        release = make_release(responses, state, key=KEY, minimum_n=MINIMUM)
        parts = renew_parts(count_answers(responses, release), parts, MINIMUM)
        state, published = publish(responses, state, published)
        for (_, part), behind in published.items():
            if part in touchpoints:
                vectors[part].append(behind)
        for one in parts:
            if one.period not in ("", SEEN):
                vectors[one.touchpoint].append(one.people)
    assert any(one.period not in ("", SEEN) for one in parts), "no month was ever shown"
    return {part: fewest_people(found, owner) for part, found in vectors.items()}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [*range(2004, 2024), 3012])
def test_months_of_touchpoints_find_nobody(pool: Responses, seed: int) -> None:
    """The live picture shows touchpoints by month, which a release does not know."""
    found = attack_touchpoints(pool, seed, days_apart=(7, 25)[seed % 2])
    assert {part: size for part, size in found.items() if size < MINIMUM} == {}


def attack_dentists(pool: Responses, seed: int, *, naive: bool = False) -> tuple[int, int]:
    """Fewest people behind any combination of practices' figures and those of dentists' pages; how many pages.

    After each release pages are asked for of some dentists; ids are corrected now and then, in a third of sequences one
    dentist succeeds another. Touchpoints are shown by month as well. ``naive`` shows every dentist with ten patients.
    """
    rng = np.random.default_rng([seed, 7])
    ids = pool.table["response_id"].to_list()
    drawn = rng.choice(["a", "b", "c", "d", ""], len(ids), p=[0.4, 0.3, 0.15, 0.05, 0.1]).tolist()
    dentists = dict(zip(ids, drawn, strict=True))
    known: set[str] = set()
    state, published, owner, parts, courses, pages = ReleaseState.empty(), {}, {}, [], [], 0
    vectors: dict[tuple[str, str], list[frozenset[int]]] = defaultdict(list)
    for week, responses in enumerate(weeks(pool, np.random.default_rng(seed), (7, 25)[seed % 2])):
        came = set(responses.table["response_id"]) - known
        known |= came
        if seed % 3 == 0:
            dentists |= {one: "ab"[week >= 4] for one in came if dentists[one] in "ab" and rng.random() < 0.9}
        if rng.random() < 0.2:
            dentists[str(rng.choice(ids))] = str(rng.choice(["a", "b"]))
        owner |= who_owns(responses, state)
        state, published = publish(responses, state, published)
        counted = count_answers(responses, make_release(responses, state, key=KEY, minimum_n=MINIMUM, only_known=True))
        courses = renew_parts(counted, courses, MINIMUM)
        for (practice, part), behind in published.items():
            vectors[practice, part.split(" ")[0]].append(behind)
        for one in courses:
            if one.period not in ("", SEEN):
                vectors[one.practice_id, one.touchpoint].append(one.people)
        for practice in pool.practices:
            answers = DentistAnswers(counted, practice, dentists)
            for dentist in rng.permutation(sorted(answers.known))[: int(rng.integers(0, 4))].tolist():
                parts, shown = answers.divide(dentist, parts, MINIMUM)
                if naive:
                    present = {part: answers.present(part) for part in shown}
                    own = {part: {one for one in rows if rows[one] == dentist} for part, rows in present.items()}
                    shown = {
                        part: frozenset(found) if len(found) >= MINIMUM else found - found
                        for part, found in own.items()
                    }
                pages += bool(shown.get(ANSWERED))
                for part, behind in shown.items():
                    vectors[practice, part].append(frozenset(behind))
    sizes = [fewest_people([*filter(None, found)], owner) for (practice, _), found in vectors.items() if practice]
    return min(sizes), pages


@pytest.mark.slow
def test_pages_of_dentists_find_nobody(pool: Responses) -> None:
    """Pages of the register beside each other, the practice's reports and earlier pages, with withdrawals."""
    fewest, pages = attack_dentists(pool, 3001)
    assert pages, "no page was ever made"
    assert fewest >= MINIMUM


@pytest.mark.slow
def test_pages_of_dentists_in_25_sequences_find_nobody(pool: Responses) -> None:
    pages = 0
    for seed in range(3002, 3027):
        fewest, made = attack_dentists(pool, seed)
        assert fewest >= MINIMUM, seed
        pages += made
    assert pages > 25


@pytest.mark.slow
def test_pages_of_every_dentist_with_ten_patients_would_be_found_out(pool: Responses) -> None:
    assert attack_dentists(pool, 3000, naive=True)[0] < MINIMUM


def test_a_release_that_is_read_again_knows_whose_figures_stay(pool: Responses) -> None:
    """Else what is made of it, such as months of contacts, would be shown without the one who withdrew."""
    state = make_release(pool, key=KEY, minimum_n=MINIMUM).state
    gone = pool.table["practice_id"][0]
    left = replace(pool, table=pool.table.slice(1))
    read = make_release(left, state, key=KEY, minimum_n=MINIMUM, only_known=True)
    assert count_answers(left, read).frozen == (gone,)
    assert count_answers(pool, make_release(pool, state, key=KEY, minimum_n=MINIMUM, only_known=True)).frozen == ()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1000, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1001, 1021))])
def test_months_beside_quarters_find_nobody(pool: Responses, seed: int) -> None:
    """A trend may be of months in one release and of quarters in the next: here every release shows both."""
    found = attack(pool, seed, days_apart=25, lengths=("month", "quarter"))
    assert {part: size for part, size in found.items() if size < MINIMUM} == {}


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 11))])
def test_subgroups_of_a_release_find_nobody(pool: Responses, seed: int) -> None:
    """Practice x channel, with all totals, as `suppress` shows them: no sum on few, and no number pinned down."""
    rng, keys = np.random.default_rng(seed), ["practice_id", "channel"]
    for responses in weeks(pool, rng)[3::2]:
        counted = count_answers(responses, make_release(responses, key=KEY, minimum_n=MINIMUM)).shown.table
        parts = pl.Series("channel", rng.choice(["phone", "web"], counted.height, p=[0.3, 0.7]))
        answered = counted.with_columns(parts).filter(pl.col("ktv").is_not_null())
        cells = answered.group_by(keys).agg(pl.len().alias("n")).sort(keys).to_pandas()
        rows = with_totals(cells.assign(n=cells["n"].astype("int64")), keys)
        assert_safe(suppress(rows, groups=keys, hide_n=False), cells, keys)


def test_no_frame_of_results_is_of_a_subgroup(pool: Responses) -> None:
    """Over releases subgroups are not shown at all, so nothing holds their cells apart."""
    parts = {"role", "channel", *(variable.id for variable in pool.journey.case_mix)}
    assert {name for name, kind in FRAMES.items() if parts & {one.name for one in list_columns(kind)}} == set()


# --- One release -----------------------------------------------------------------------------------------------------


def bounds_of_hidden(
    responses: Responses, touchpoint: str, hidden: str, shown_mean: float, items: dict[str, float], scored: list[str]
) -> tuple[float, float]:
    """Least and largest mean of a hidden item, by linear programming over what a page shows of a touchpoint.

    Unknown is every answer; known are who answered what, the touchpoint's mean over ``scored`` items and the means of
    items, all in whole points.
    """
    answers = score_items(responses)
    names = [placed.id for placed in responses.journey.items if placed.touchpoint.id == touchpoint]
    has = answers[names].notna().to_numpy()
    size = has.shape
    index = np.arange(has.size).reshape(size)
    rows, low, high = [], [], []

    def known(weights: np.ndarray, value: float) -> None:
        rows.append(weights.ravel())
        low.append(round(value) - 0.5)
        high.append(round(value) + 0.5)

    for name, mean in items.items():
        weights = np.zeros(size)
        weights[:, names.index(name)] = has[:, names.index(name)] / has[:, names.index(name)].sum()
        known(weights, mean)
    used = has & np.isin(names, scored)
    share = used / np.maximum(used.sum(axis=1, keepdims=True), 1) / (used.sum(axis=1) > 0).sum()
    known(share, shown_mean)
    matrix = np.vstack([np.array(rows), -np.array(rows)])
    limits = np.concatenate([high, [-one for one in low]])
    goal = np.zeros(size)
    goal[:, names.index(hidden)] = has[:, names.index(hidden)] / has[:, names.index(hidden)].sum()
    assert index.size == goal.size
    ends = [linprog(sign * goal.ravel(), A_ub=matrix, b_ub=limits, bounds=(0, 100)).fun * sign for sign in (1, -1)]
    return float(ends[0]), float(ends[1])


@pytest.mark.slow
def test_a_hidden_item_is_not_in_the_score_of_its_touchpoint(pool: Responses) -> None:
    """Touchpoint times items less the items shown gave the hidden one within five points, in four of four."""
    journey = pool.journey
    practice = pool.practices[0]
    touchpoint = next(one for one in journey.touchpoints if len(one.items) == 3 and one.id != "anaesthesia")
    names = [item.id for item in touchpoint.items]
    own = pl.col("practice_id") == practice
    complete = pool.where(pl.all_horizontal(pl.col(names).is_not_null()))
    place = pl.int_range(pl.len()).over("practice_id")
    complete = complete.where(~own | (place < 9))
    found = fit_study(
        replace(
            pool,
            table=pl.concat(
                [
                    complete.table.filter(own),
                    pool.table.filter(own & ~pl.col("response_id").is_in(complete.table["response_id"].implode()))
                    .head(12)
                    .with_columns(pl.lit(None, dtype=pl.Int8).alias(names[2])),
                    pool.table.filter(~own),
                ]
            ),
        ),
        FitSettings(n_bootstrap=100),
    )
    items = found.of_practice("items", practice).set_index("item")
    assert items.loc[names[2], "suppressed"]
    assert not items.loc[names[:2], "suppressed"].any()
    score = found.of_practice("touchpoints", practice).set_index("touchpoint").loc[touchpoint.id]
    answers = complete.of_practice(practice)
    shown = {name: float(items.loc[name, "mean"]) for name in names[:2]}
    low, high = bounds_of_hidden(answers, touchpoint.id, names[2], float(score["mean"]), {}, names[:2])
    assert high - low > 99, shown
    everything = score_items(answers)[names]
    naive = bounds_of_hidden(
        answers, touchpoint.id, names[2], float(everything.mean(axis=1).mean()), dict(everything.mean()), names
    )
    assert naive[1] - naive[0] < 10, "or this attack would prove nothing"


@pytest.mark.slow
def test_no_answer_is_known_from_the_sums_of_a_release(pool: Responses) -> None:
    """Each person's answer can still be anything over half of the scale, whatever means of a practice are shown."""
    practice = pool.practices[0]
    responses = replace(pool, table=pool.of_practice(practice).table.head(40))
    counted = count_answers(responses)
    answers = score_items(counted.items).to_numpy()
    for column in answers.T[:6]:
        given = column[np.isfinite(column)]
        n = len(given)
        weights, mean = np.full(n, 1 / n), round(float(given.mean()))
        matrix, limits = np.vstack([weights, -weights]), [mean + 0.5, 0.5 - mean]
        for person in range(0, n, 7):
            goal = np.eye(n)[person]
            low = linprog(goal, A_ub=matrix, b_ub=limits, bounds=(0, 100)).fun
            high = -linprog(-goal, A_ub=matrix, b_ub=limits, bounds=(0, 100)).fun
            assert high - low > 50
