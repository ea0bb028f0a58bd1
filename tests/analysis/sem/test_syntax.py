"""Reading lavaan's syntax: what is understood, and what is refused with its line and what to write instead."""

from __future__ import annotations

import numpy as np
import pytest

from pxanalysis.analysis.sem.expressions import read_expression
from pxanalysis.analysis.sem.syntax import read_syntax
from pxanalysis.analysis.sem.table import build_table
from pxanalysis.errors import AnalysisError


def test_labels_fixed_values_intercepts_comments_and_long_lines() -> None:
    model = read_syntax(
        """
        # a comment
        f =~ 1*x1 + a*x2 +
             0.5*x3   ! another
        y ~ b*f + x4; x1 ~ 1
        x1 ~~ -0.25*x2
        ab := a*b
        """
    )
    found = [(s.left, s.operator, s.right, s.value, s.label) for s in model.statements]
    assert found == [
        ("f", "=~", "x1", 1.0, ""),
        ("f", "=~", "x2", None, "a"),
        ("f", "=~", "x3", 0.5, ""),
        ("y", "~", "f", None, "b"),
        ("y", "~", "x4", None, ""),
        ("x1", "~", "1", None, ""),
        ("x1", "~~", "x2", -0.25, ""),
    ]
    assert model.definitions[0][0] == "ab"
    assert model.latents == ["f"]
    assert model.observed == ["x1", "x2", "x3", "y", "x4"]


@pytest.mark.parametrize(
    ("syntax", "message"),
    [
        ("f =~ x1 + x2\ny <~ x1", "line 2.*composite"),
        ("x1 | t1", "line 1.*ordered"),
        ("f =~ a*x1 + b*x2\na == b", "line 2.*same label"),
        ("a > 0", "line 1.*bounds"),
        ("f =~ c(1, 1)*x1", "line 1.*compare_groups"),
        ("f =~ start(0.5)*x1", "line 1.*starting values"),
        ("y ~ x1:x2", "line 1.*column of its own"),
        ("\n\nsome words", "line 3.*no =~"),
        ("f =~ x1\nf =~ x1", "line 2.*stands on line 1"),
        ("x ~ x", "line 1.*explain itself"),
        ("f =~ a*x1\nk := a*q", "'q', which is no label"),
        ("f =~ a*x1\nk := open('x')", "line 2.*cannot be read"),
        ("f =~ a*x1\nk := a.real", "line 2.*cannot be read"),
        ("", "expected at least one line"),
        ("f =~ 1", "no variable"),
    ],
)
def test_what_is_not_supported_is_refused_with_its_line(syntax: str, message: str) -> None:
    with pytest.raises(AnalysisError, match=message):
        read_syntax(syntax)


def test_expressions_are_evaluated_without_running_anything() -> None:
    expression = read_expression("k", "2*a^2 - sqrt(b)/(1 + -c)", 1)
    value = expression({"a": np.array(3.0), "b": np.array(4.0), "c": np.array(0.5)})
    assert float(value) == pytest.approx(2 * 9 - 2 / 0.5)


def test_labels_are_shared_and_defaults_are_lavaans() -> None:
    table = build_table(read_syntax("f =~ x1 + a*x2 + a*x3\ng =~ z1 + z2\nf ~ g + w\ny ~ g + w"))
    rows = {row.term: row for row in table.rows}
    assert rows["f =~ x1"].value == 1.0
    assert rows["f =~ x2"].number == rows["f =~ x3"].number
    assert rows["w ~~ w"].exogenous
    assert "f ~~ y" in rows  # outcomes that explain nothing are correlated
    assert table.covariates == ("w",)


def test_names_that_look_like_semopys_commands_are_variables() -> None:
    model = read_syntax("DEFINE =~ START + CONSTRAINT.1 + ordinal")
    assert model.observed == ["START", "CONSTRAINT.1", "ordinal"]
