"""Defined parameters, such as ``indirect := a*b``: read safely, evaluated with their exact slopes."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pxanalysis.errors import AnalysisError

__all__ = ["Expression", "read_expression"]

AnyArray = npt.NDArray[Any]

OPERATIONS: dict[type[ast.operator], np.ufunc] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
}
FUNCTIONS: dict[str, np.ufunc] = {"exp": np.exp, "log": np.log, "sqrt": np.sqrt}


@dataclass(frozen=True, slots=True)
class Expression:
    """A formula of labels: its ``text`` as written, and the ``names`` in it."""

    text: str
    tree: ast.expr
    names: frozenset[str]

    def __call__(self, values: Mapping[str, AnyArray]) -> AnyArray:
        """Value at labels that hold arrays, real or complex."""
        return _evaluate(self.tree, values)


def _evaluate(node: ast.expr, values: Mapping[str, AnyArray]) -> AnyArray:
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.Constant):
        return np.asarray(node.value)
    if isinstance(node, ast.UnaryOp):
        inner = _evaluate(node.operand, values)
        return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return np.asarray(FUNCTIONS[node.func.id](_evaluate(node.args[0], values)))
    if isinstance(node, ast.BinOp):
        both = _evaluate(node.left, values), _evaluate(node.right, values)
        return np.asarray(OPERATIONS[type(node.op)](*both))
    raise TypeError(ast.dump(node))


def _is_allowed(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp):
        return type(node.op) in OPERATIONS and _is_allowed(node.left) and _is_allowed(node.right)
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, (ast.USub, ast.UAdd)) and _is_allowed(node.operand)
    if isinstance(node, ast.Call):
        named = isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS
        return named and len(node.args) == 1 and not node.keywords and _is_allowed(node.args[0])
    if isinstance(node, ast.Constant):
        return isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
    return isinstance(node, ast.Name)


def read_expression(name: str, text: str, line: int) -> Expression:
    """Read ``name := text``: labels, numbers, + - * / ^ and exp, log, sqrt; nothing is executed.

    Examples
    --------
    >>> sorted(read_expression("total", "c + a*b", 3).names)
    ['a', 'b', 'c']
    """
    wrong = (
        f"syntax, line {line}: '{name} := {text}' cannot be read; expected labels and numbers with + - * / ^ "
        "and exp(), log(), sqrt(), as in 'indirect := a*b'."
    )
    if not name.isidentifier():
        raise AnalysisError(wrong)
    try:
        tree = ast.parse(text.replace("^", "**"), mode="eval").body
    except SyntaxError as error:
        raise AnalysisError(wrong) from error
    if not _is_allowed(tree):
        raise AnalysisError(wrong)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - set(FUNCTIONS)
    return Expression(text, tree, frozenset(names))
