"""Which of two models of one criterion describes it better, when neither holds the other."""

from pxanalysis.statistics.non_nested.fits import ModelFit, fit_model
from pxanalysis.statistics.non_nested.linear import LinearComparison, compare_linear
from pxanalysis.statistics.non_nested.vuong import VuongTest, vuong_test

__all__ = ["LinearComparison", "ModelFit", "VuongTest", "compare_linear", "fit_model", "vuong_test"]
