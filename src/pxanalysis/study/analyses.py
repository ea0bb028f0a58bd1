"""What a study's reports show, estimated again as objects: the same answers, the same settings, the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from pxanalysis.analysis.action_effects.progress import ActionProgress
    from pxanalysis.analysis.action_effects.result import ActionEffects
    from pxanalysis.analysis.comparison import MetricComparison
    from pxanalysis.analysis.drivers.model import DriverModel
    from pxanalysis.analysis.importance.result import ImportanceResult
    from pxanalysis.analysis.metrics import MetricsResult
    from pxanalysis.analysis.observations import EmotionComparison, Observations
    from pxanalysis.analysis.priorities import PrioritiesResult
    from pxanalysis.analysis.reliability import Reliability
    from pxanalysis.analysis.sem import SemModel
    from pxanalysis.analysis.sem.journey import SemLevel
    from pxanalysis.analysis.trends.result import TrendsResult
    from pxanalysis.analysis.whole_study.settings import FitSettings
    from pxanalysis.figures.page.experience_map import MapDrawing
    from pxanalysis.study.settings import StudySettings
    from pxanalysis.survey.action_list import ActionRegister
    from pxanalysis.survey.responses import Responses

__all__ = ["StudyAnalyses"]


class StudyAnalyses:
    """Methods of a study that estimate what its reports show, with the study's own settings.

    The bare functions (``pxa.fit_drivers(responses, ...)``) take their own options instead; where those differ from
    ``study.toml``, so do the numbers.
    """

    root: Path
    settings: StudySettings

    @property
    def responses(self) -> Responses:
        """All accepted answers."""
        raise NotImplementedError

    def read_answers(self, path: str | Path) -> Responses:
        """Read and check one file with the study's journey, columns and rules, without storing it."""
        raise NotImplementedError

    @property
    def released(self) -> Responses:
        """The answers that reports rest on."""
        raise NotImplementedError

    @property
    def released_for_effects(self) -> Responses:
        """The answers that the driver model of the reports rests on."""
        raise NotImplementedError

    @property
    def fit_settings(self) -> FitSettings:
        """Outcome, case mix, bootstrap and smallest number of people, as study.toml has them."""
        raise NotImplementedError

    @property
    def actions(self) -> ActionRegister:
        """What practices decided to change."""
        raise NotImplementedError

    # What analyses is imported when it is asked for: a process that only shows results starts without it.

    def fit_drivers(self) -> DriverModel:
        """Fit the driver model of the reports; ``r2_drivers`` is the share that a page says is explained."""
        from pxanalysis.analysis.whole_study.drivers import fit_study_drivers

        return fit_study_drivers(self.released_for_effects, self.fit_settings)

    def estimate_importance(self, drivers: DriverModel | None = None) -> ImportanceResult:
        """Importance as the reports show it; the drivers are fitted when not given."""
        from pxanalysis.analysis.whole_study.drivers import estimate_study_importance

        return estimate_study_importance(drivers or self.fit_drivers(), self.fit_settings)

    def estimate_priorities(self, drivers: DriverModel | None = None) -> PrioritiesResult:
        """Priorities as the reports show them; the drivers are fitted when not given."""
        from pxanalysis.analysis.whole_study.drivers import estimate_study_priorities

        return estimate_study_priorities(self.released, drivers or self.fit_drivers(), self.fit_settings)

    def estimate_metrics(self, **options: Any) -> MetricsResult:
        """KTV, NPS and CES per practice; ``by=None`` pools all, further options as `pxanalysis.estimate_metrics`."""
        from pxanalysis.analysis.metrics import estimate_metrics
        from pxanalysis.analysis.whole_study.shown import of_shown_practices

        settings = self.fit_settings
        shown = of_shown_practices(self.released, settings.minimum_n)
        return estimate_metrics(shown, **{"confidence": settings.confidence, **options})

    def estimate_trends(self, subjects: Sequence[str] | None = None, **options: Any) -> TrendsResult:
        """Control charts of outcomes (or touchpoints) per practice; further options as of ``estimate_trends``.

        New baselines are those of ``[[trends.rebases]]`` in study.toml.
        """
        from pxanalysis.analysis.trends.estimate import Rebase, estimate_trends
        from pxanalysis.analysis.whole_study.shown import of_shown_practices

        settings = self.fit_settings
        shown = of_shown_practices(self.released, settings.minimum_n)
        shown_subjects = subjects or [one.id for one in shown.journey.outcomes]
        rebases = [
            Rebase(one.practice, one.subject, one.day, one.reason, one.who)
            for one in self.settings.trends.rebases
            if one.subject in shown_subjects
        ]
        return estimate_trends(shown, subjects, **{"minimum_n": settings.minimum_n, "rebases": rebases, **options})

    def estimate_action_effects(self, **options: Any) -> ActionEffects:
        """What came after the study's actions; further options as of ``estimate_action_effects``."""
        from pxanalysis.analysis.action_effects.estimate import estimate_action_effects
        from pxanalysis.analysis.whole_study.drivers import choose_case_mix
        from pxanalysis.analysis.whole_study.shown import of_shown_practices

        settings = self.fit_settings
        shown = of_shown_practices(self.released, settings.minimum_n)
        given = {"minimum_n": settings.minimum_n, "case_mix": choose_case_mix(shown, settings)}
        return estimate_action_effects(shown, self.actions, **{**given, **options})

    def estimate_progress(self, **options: Any) -> ActionProgress:
        """Share of ideas realised in time, days that took, journeys finished and running."""
        from pxanalysis.analysis.action_effects.progress import estimate_progress

        return estimate_progress(self.actions, **options)

    def estimate_reliability(self) -> Reliability:
        """Reliability of the scales, from the answers that reports may show."""
        from pxanalysis.analysis.whole_study.scales import estimate_study_reliability

        return estimate_study_reliability(self.released, self.fit_settings)

    def compare_metrics(
        self,
        criterion: str | Sequence[str] | None = None,
        *,
        plan: str | Path | None = None,
        retest: str | Path | None = None,
    ) -> MetricComparison:
        """Compare KTV, NPS and CES by the plan in ``comparison.toml``, which is registered first.

        ``retest`` is a file in which (some of) the same people answer again; the rest as
        :func:`~pxanalysis.study.comparing.compare_study`.
        """
        from pxanalysis.study.comparing import compare_study

        second = None if retest is None else self.read_answers(retest)
        return compare_study(self.responses, self.root, criterion, plan=plan, retest=second, actions=self.actions)

    @property
    def observations(self) -> Observations:
        """What patients were seen to do, think and feel: the file that study.toml names under ``[observations]``.

        Raises
        ------
        StudyError
            When it names none.
        """
        raise NotImplementedError

    def compare_emotions(self, role: str | None = None) -> EmotionComparison:
        """Hold observed emotion beside the scores, of all or of one role; never of fewer than ``minimum_n``."""
        settings = self.fit_settings
        return self.observations.compare(
            self.released, minimum_n=settings.minimum_n, role=role, weights=settings.weights
        )

    def draw_experience_map(self, language: str | None = None, *, role: str | None = None) -> MapDrawing:
        """Draw what was observed along the journey with the scores beside it; shows itself in JupyterLab."""
        return self.observations.draw_experience_map(language, role=role, measured=self.compare_emotions(role))

    def plot_experience_map(
        self, language: str | None = None, *, role: str | None = None, ax: Axes | None = None
    ) -> Axes:
        """Draw the curves of emotion, observed and answered, as a chart for a paper."""
        compared = self.compare_emotions(role)
        return self.observations.plot_experience_map(language, role=role, measured=compared, ax=ax)

    def fit_sem(self, *, chain: bool = False, level: SemLevel = "touchpoint", then: tuple[str, ...] = ()) -> SemModel:
        """Fit the journey as a structural equation model, with the study's outcome, case mix, bootstrap and seed.

        Parameters
        ----------
        chain, level, then
            As for ``pxanalysis.fit_sem``.

        Raises
        ------
        NotEstimableError
            When the answers cannot carry it; the message says what would.
        """
        from pxanalysis.analysis.sem import SemOptions, fit_sem
        from pxanalysis.analysis.whole_study.drivers import choose_case_mix
        from pxanalysis.analysis.whole_study.shown import of_shown_practices

        settings = self.fit_settings
        shown = of_shown_practices(self.released, settings.minimum_n)
        return fit_sem(
            shown,
            settings.outcome,
            level,
            chain=chain,
            then=then,
            case_mix=choose_case_mix(shown, settings),
            options=SemOptions(n_bootstrap=settings.n_bootstrap, seed=settings.seed),
        )
