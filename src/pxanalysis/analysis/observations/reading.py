"""Files with observations: a sheet (CSV, XLSX), YAML or a map as JSON; texts are masked while they are read."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from pxanalysis.analysis.observations.result import Observations
from pxanalysis.analysis.privacy.masking import mask_text, needs_reader
from pxanalysis.errors import SurveyError
from pxanalysis.journey.experience_map.checking import RawRow, check_headings, check_rows
from pxanalysis.journey.experience_map.exchange import rows_of_map
from pxanalysis.journey.experience_map.sheet import EXAMPLE, SHEET
from pxanalysis.journey.model import Journey
from pxanalysis.journey.reading import read_journey

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["list_observed", "read_map", "read_observations", "read_shipped"]

MOST_ROWS = 20_000
"""Rows of a file; more are no observations of people."""

_SHIPPED = resources.files("pxanalysis.journey.experience_map") / "observed"


def read_observations(source: str | Path, journey: Journey | str) -> Observations:
    """Read what patients were seen and heard to do, think and feel along a journey.

    Parameters
    ----------
    source
        A ``.csv``, ``.xlsx`` (from ``pxanalysis journeys observations JOURNEY --xlsx``), ``.yaml`` or ``.json`` (an
        experience map) file; or the id of a journey with which invented observations ship (``dental-checkup``,
        ``knee-first-steps``). Columns: ``touchpoint`` and ``source`` (shadowing, interview, workshop, comment); and
        where known ``role, date, feels`` (−2 to +2), ``does, thinks, positive, dilemma, quote, idea``, and of the
        idea ``effort`` (S, M, L), ``cost`` (euros), ``votes``; ``language`` of a row's texts.
    journey
        The journey, its id in the catalogue, or the path of its file.

    Returns
    -------
    The good rows, and in ``rejected`` the others, each with its reason. Names, telephone numbers and the like are
    masked in all texts.

    Raises
    ------
    SurveyError
        When the file cannot be read, or a column is not known.
    PrivacyError
        When a column says who somebody is, or ties observations to answers.
    """
    if source in list_observed():
        return read_shipped(str(source))
    path = Path(source)
    model = journey if isinstance(journey, Journey) else read_journey(journey)
    if not path.is_file():
        raise SurveyError(
            f"{path}: no such file with observations. Make a sheet with 'pxanalysis journeys observations "
            f"{model.id} --xlsx', or correct the path."
        )
    if path.suffix.lower() in {".yaml", ".yml", ".json"}:
        return _read_text(path.name, path.read_bytes(), model)
    return _check(path.name, _read_sheet(path), model)


def read_map(text: str, journey: Journey) -> Observations:
    """Read the observations of a map as JSON (:meth:`Observations.to_json`)."""
    return _read_text("map.json", text.encode(), journey)


def list_observed() -> list[str]:
    """Ids of the journeys that ship with observations."""
    return sorted(one.name.removesuffix(".yaml") for one in _SHIPPED.iterdir() if one.name.endswith(".yaml"))


def read_shipped(journey_id: str) -> Observations:
    """Observations that ship with a journey of the catalogue.

    Raises
    ------
    SurveyError
        When none ship with it.
    """
    if journey_id not in list_observed():
        raise SurveyError(
            f"no observations ship with journey '{journey_id}'; they do with {', '.join(list_observed())}. Give a file "
            f"of your own; 'pxanalysis journeys observations {journey_id} --xlsx' makes one to fill in."
        )
    file: Traversable = _SHIPPED / f"{journey_id}.yaml"
    return _read_text(file.name, file.read_bytes(), read_journey(journey_id))


def _read_text(name: str, content: bytes, journey: Journey) -> Observations:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SurveyError(f"{name}, line {line}: not UTF-8. Save the file as UTF-8.") from error
    if name.lower().endswith(".json"):
        rows, invented = rows_of_map(name, text, journey.id)
    else:
        rows, invented = _rows_of_yaml(name, text, journey.id)
    return _check(name, rows, journey, invented=invented)


def _check(name: str, rows: list[RawRow], journey: Journey, *, invented: bool = False) -> Observations:
    if len(rows) > MOST_ROWS:
        raise SurveyError(f"{name}: {len(rows)} rows; expected at most {MOST_ROWS}. Is this a file with answers?")
    if not rows:
        raise SurveyError(f"{name}: there are no observations in it. Fill in a row for each.")
    headings = list(dict.fromkeys(heading for row in rows for heading in row.cells))
    columns = check_headings(name, headings)
    named = [RawRow(row.place, {columns[key]: value for key, value in row.cells.items()}) for row in rows]
    return Observations.of(journey, check_rows(named, journey, _rule), name, invented=invented)


def _rule(text: str) -> tuple[str, str]:
    masked = mask_text(text)
    if needs_reader(masked):
        return "", "written in a script in which names cannot be told; have somebody translate it, without names."
    return masked, ""


def _rows_of_yaml(name: str, text: str, journey_id: str) -> tuple[list[RawRow], bool]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        data = YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError, RecursionError) as error:
        problem = " ".join(str(error).split())[:200]
        raise SurveyError(f"{name}: not valid YAML: {problem}. Correct the file there.") from error
    invented = False
    if isinstance(data, Mapping):
        invented = data.get("invented") is True
        if data.get("journey", journey_id) != journey_id:
            raise SurveyError(
                f"{name}: observations on journey '{data['journey']}', not on '{journey_id}'. Name the journey they "
                "belong to."
            )
        data = data.get("observations")
    if not isinstance(data, list):
        raise SurveyError(f"{name}: expected 'observations:' with a list under it. Each begins with '- touchpoint:'.")
    return [RawRow(f"observation {n}", _cells(name, n, one)) for n, one in enumerate(data, start=1)], invented


def _cells(name: str, n: int, one: Any) -> dict[str, Any]:
    if not isinstance(one, Mapping):
        raise SurveyError(f"{name}, observation {n}: expected keys such as touchpoint and source, found '{one}'.")
    return {str(key): value for key, value in one.items()}


def _read_sheet(path: Path) -> list[RawRow]:
    if path.suffix.lower() == ".xlsx":
        return _rows_of_workbook(path)
    # Polars starts threads, and a report that only shows observations is forked
    from pxanalysis.survey.sources.read import read_source

    table = read_source(path)
    if table.bad_lines:
        line = table.bad_lines[0]
        raise SurveyError(f"{path.name}, row {line.row}: {line.reason}. Put quotation marks around texts with commas.")
    records = table.cells.rows(named=True)
    return [RawRow(f"row {row}", record) for row, record in zip(table.rows, records, strict=True)]


def _rows_of_workbook(path: Path) -> list[RawRow]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, data_only=True, read_only=True)
    except (BadZipFile, KeyError, ValueError, OSError) as error:
        raise SurveyError(f"{path.name}: not an Excel workbook ({error}). Save it as .xlsx.") from error
    place = book[SHEET] if SHEET in book.sheetnames else book[book.sheetnames[0]]
    lines = list(enumerate(place.iter_rows(values_only=True, max_row=MOST_ROWS + 10), start=1))
    book.close()
    heads = [str(cell).strip() if cell is not None else "" for cell in lines[0][1]] if lines else []
    rows = []
    for number, line in lines[1:]:
        cells = {head: cell for head, cell in zip(heads, line, strict=False) if head}
        filled = any(cell is not None and str(cell).strip() for cell in cells.values())
        place_of = str(cells.get("touchpoint") or "")
        if filled and not place_of.startswith(EXAMPLE):
            rows.append(RawRow(f"row {number}", cells))
    return rows
