"""A journey as rows of the workbook's sheets, and rows as a journey: no file is touched here."""

from __future__ import annotations

from typing import Any

from pxanalysis.journey.model import Journey

__all__ = ["Record", "assemble", "to_records"]

Record = dict[str, Any]


def to_records(journey: Journey) -> dict[str, list[Record]]:
    """Rows per sheet; a text is a mapping by language."""
    data = journey.model_dump(mode="json")
    rows: dict[str, list[Record]] = {
        name: list(data[name]) for name in ("providers", "roles", "outcomes", "open_questions")
    }
    rows["steps"] = [{key: value for key, value in step.items() if key != "touchpoints"} for step in data["steps"]]
    rows["touchpoints"], rows["items"], rows["ideas"] = [], [], []
    for step in data["steps"]:
        for touchpoint in step["touchpoints"]:
            items, ideas = touchpoint.pop("items"), touchpoint.pop("ideas")
            rows["touchpoints"].append({"step": step["id"], **touchpoint})
            rows["items"] += [{"touchpoint": touchpoint["id"], **item} for item in items]
            rows["ideas"] += [{"touchpoint": touchpoint["id"], **idea} for idea in ideas]
    rows["scales"] = [{"id": name, **scale} for name, scale in data["scales"].items()]
    rows["scale_labels"] = [
        {"scale": name, "value": value, "label": label}
        for name, scale in data["scales"].items()
        for value, label in scale["labels"].items()
    ]
    rows["case_mix"] = [
        {**variable, "lowest": (variable["range"] or [None])[0], "highest": (variable["range"] or [None])[-1]}
        for variable in data["case_mix"]
    ]
    rows["levels"] = [{"case_mix": v["id"], **level} for v in data["case_mix"] for level in v["levels"]]
    rows["journey"] = [data | (data["introduction"] or {})]
    return rows


def assemble(rows: dict[str, list[Record]]) -> Record:
    """Data of a journey from rows; cells that are empty are not there."""
    about = dict(rows["journey"][0]) if rows["journey"] else {}
    facts = {key: about.pop(key) for key in ("who", "why", "kept_months", "contact") if key in about}
    data: Record = about | {name: rows[name] for name in ("providers", "roles", "outcomes", "open_questions")}
    data["scales"] = {scale["id"]: _scale(scale, rows["scale_labels"]) for scale in rows["scales"]}
    data["case_mix"] = [_characteristic(variable, rows["levels"]) for variable in rows["case_mix"]]
    data["steps"] = [step | {"touchpoints": _touchpoints(step["id"], rows)} for step in rows["steps"]]
    return data | ({"introduction": facts} if facts else {})


def _scale(scale: Record, labels: list[Record]) -> Record:
    words = {label["value"]: label["label"] for label in labels if label["scale"] == scale["id"]}
    return {key: value for key, value in scale.items() if key != "id"} | ({"labels": words} if words else {})


def _characteristic(variable: Record, levels: list[Record]) -> Record:
    found = {key: value for key, value in variable.items() if key not in {"lowest", "highest"}}
    own = [_without(level, "case_mix") for level in levels if level["case_mix"] == variable["id"]]
    if own:
        found["levels"] = own
    if "lowest" in variable or "highest" in variable:
        found["range"] = [variable.get("lowest"), variable.get("highest")]
    return found


def _touchpoints(step: str, rows: dict[str, list[Record]]) -> list[Record]:
    found = []
    for touchpoint in rows["touchpoints"]:
        if touchpoint["step"] == step:
            own = {
                name: [_without(row, "touchpoint") for row in rows[name] if row["touchpoint"] == touchpoint["id"]]
                for name in ("items", "ideas")
            }
            found.append(_without(touchpoint, "step") | {name: part for name, part in own.items() if part})
    return found


def _without(record: Record, key: str) -> Record:
    return {name: value for name, value in record.items() if name != key}
