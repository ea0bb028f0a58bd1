"""A researcher's model, in lavaan's syntax: read line by line, and refused by line where it cannot be taken.

semopy parses each statement; what it would read as something else, or drop without a word, is refused before it gets
there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pxanalysis.analysis.sem.expressions import Expression, read_expression
from pxanalysis.errors import AnalysisError

__all__ = ["ModelSyntax", "Statement", "read_syntax"]

NAME = r"[^\W\d][\w.]*"
NUMBER = r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?"
TERM = re.compile(rf"(?:(?P<modifier>{NUMBER}|{NAME})\s*\*\s*)?(?P<name>{NAME}|1|0)")
OPERATORS = re.compile(r":=|=~|~\*~|~~|<~|==|[~|<>]")

ALTERNATIVES = {
    "<~": "a composite is no latent variable; pxanalysis.analysis.reliability.estimate_composites makes composites",
    "|": "thresholds come from the answers themselves; name the ordered columns with ordered=[...]",
    "==": "give both parameters the same label instead, as in 'f =~ a*x1 + a*x2'",
    "<": "bounds hide an inadmissible solution; leave them out, the result says where one is found",
    ">": "bounds hide an inadmissible solution; leave them out, the result says where one is found",
    "~*~": "response scales are fixed to 1 (delta parameterisation); leave the line out",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One term of one line: ``left operator right``, with the fixed ``value`` or the ``label`` it was given."""

    left: str
    operator: str
    right: str
    value: float | None
    label: str
    line: int


@dataclass(frozen=True, slots=True)
class ModelSyntax:
    """A model as written.

    Attributes
    ----------
    text
        As it was given.
    statements
        Every term, in order; ``~1`` has ``right`` "1".
    definitions
        ``name := expression``, in order.
    """

    text: str
    statements: tuple[Statement, ...]
    definitions: tuple[tuple[str, Expression], ...]

    @property
    def latents(self) -> list[str]:
        """Variables that are measured by others, in order."""
        return list(dict.fromkeys(s.left for s in self.statements if s.operator == "=~"))

    @property
    def observed(self) -> list[str]:
        """All other variables, in order of appearance."""
        named = (name for s in self.statements for name in (s.left, s.right) if name != "1")
        latents = set(self.latents)
        return [name for name in dict.fromkeys(named) if name not in latents]


def read_syntax(text: str) -> ModelSyntax:
    """Read lavaan's model syntax: ``=~``, ``~``, ``~~``, ``~1``, ``:=``, fixed values and labels.

    Raises
    ------
    AnalysisError
        For anything else; the message names the line and what to write instead.

    Examples
    --------
    >>> model = read_syntax("f =~ x1 + a*x2 + x3")
    >>> [(s.right, s.label) for s in model.statements]
    [('x1', ''), ('x2', 'a'), ('x3', '')]
    """
    statements: list[Statement] = []
    definitions: list[tuple[str, Expression]] = []
    for line, statement in _statements(text):
        found = OPERATORS.search(statement)
        if found is None:
            raise _refused(line, statement, "it has no =~, ~, ~~ or :=", "write one relation per line")
        operator = found.group()
        left, right = statement[: found.start()].strip(), statement[found.end() :].strip()
        if operator in ALTERNATIVES:
            raise _refused(line, statement, f"'{operator}' is not supported", ALTERNATIVES[operator])
        if operator == ":=":
            definitions.append((left, read_expression(left, right, line)))
            continue
        _check_terms(line, statement, left, right)
        statements += _parsed(line, operator, left, right)
    if not statements:
        raise AnalysisError("syntax: expected at least one line such as 'service =~ q1 + q2 + q3', found none.")
    _check_repeats(statements)
    _check_definitions(statements, definitions)
    return ModelSyntax(text, tuple(statements), tuple(definitions))


def _refused(line: int, statement: str, why: str, instead: str) -> AnalysisError:
    return AnalysisError(f"syntax, line {line}: '{statement}': {why}; {instead}.")


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Statements with the line they start on; a line that ends in an operator or + goes on with the next."""
    held, start = "", 0
    for number, raw in enumerate(text.splitlines(), start=1):
        for part in re.split(r";", re.split(r"[#!]", raw, maxsplit=1)[0]):
            piece = part.strip()
            if not piece:
                continue
            if held and (held[-1] in "+~*=" or piece[0] == "+"):
                held += " " + piece
                continue
            if held:
                yield start, held
            held, start = piece, number
    if held:
        yield start, held


def _check_terms(line: int, statement: str, left: str, right: str) -> None:
    for name in left.split("+"):
        if not re.fullmatch(NAME, name.strip()):
            raise _refused(line, statement, f"'{name.strip()}' is no variable name", "names have letters, digits, _ .")
    for term in right.split("+"):
        found = TERM.fullmatch(term.strip())
        if found is None:
            raise _refused(line, statement, f"'{term.strip()}' cannot be read", _hint(term))
        if found["modifier"] == "NA":
            instead = "ask for std_lv=True, which frees all loadings and sets latent variances to 1"
            raise _refused(line, statement, "NA* would become a label shared by every NA", instead)


def _hint(term: str) -> str:
    for call, instead in {
        "c(": "parameters per group follow from the invariance level; see compare_groups",
        "start(": "starting values are found from the data; leave it out",
        "equal(": "give both parameters the same label",
        ":": "make the product a column of its own first",
    }.items():
        if call in term:
            return instead
    return "a term is a name, a number*name or a label*name"


def _parsed(line: int, operator: str, left: str, right: str) -> Iterator[Statement]:
    """Terms as semopy's parser reads them, under safe names so that none looks like one of its own commands."""
    from semopy.parser import parse_desc

    names = {found: f"v{i}" for i, found in enumerate(dict.fromkeys(re.findall(NAME, f"{left} {right}")))}
    back = {safe: name for name, safe in names.items()}

    def safe(text: str) -> str:
        return re.sub(rf"(?<![\w.]){NAME}", lambda found: names[found.group()], text)

    for target in left.split("+"):
        terms = [term.strip() for term in right.split("+")]
        effects, _ = parse_desc("\n".join(f"{safe(target.strip())} {operator} {safe(term)}" for term in terms))
        read = effects[operator][names[target.strip()]]
        if len(read) != len(terms):
            raise _refused(line, f"{target} {operator} {right}", "a variable stands twice", "name each variable once")
        for name, modifier in read.items():
            fixed = re.fullmatch(NUMBER, modifier) if modifier else None
            label = "" if modifier is None or fixed else back[modifier]
            value = float(modifier) if fixed else None
            yield Statement(target.strip(), operator, back.get(name, name), value, label, line)


def _check_repeats(statements: list[Statement]) -> None:
    seen: dict[tuple[str, ...], int] = {}
    for s in statements:
        key = (s.operator, *(sorted((s.left, s.right)) if s.operator == "~~" else (s.left, s.right)))
        if key in seen:
            raise AnalysisError(
                f"syntax, line {s.line}: '{s.left} {s.operator} {s.right}' stands on line {seen[key]} already; "
                "keep one of them."
            )
        seen[key] = s.line
        if s.left == s.right and s.operator != "~~":
            raise AnalysisError(f"syntax, line {s.line}: '{s.left}' cannot explain itself; take that term out.")
        if s.right in ("0", "1") and (s.operator != "~" or s.right == "0"):
            raise AnalysisError(
                f"syntax, line {s.line}: '{s.right}' is no variable; an intercept is written '{s.left} ~ 1'."
            )


def _check_definitions(statements: list[Statement], definitions: list[tuple[str, Expression]]) -> None:
    known = {s.label for s in statements if s.label}
    for name, expression in definitions:
        unknown = sorted(expression.names - known)
        if unknown:
            raise AnalysisError(
                f"syntax: '{name} := {expression.text}' uses '{unknown[0]}', which is no label of this model; "
                f"there are: {', '.join(sorted(known)) or 'none'}. Label a path as in 'y ~ {unknown[0]}*x'."
            )
        known.add(name)
