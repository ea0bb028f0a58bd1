"""The exported JSON Schema: every journey that ships fits it, and it finds typos."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from pxanalysis.journey import Journey, export_json_schema, list_catalogue
from pxanalysis.journey.reading import read_catalogue_text

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator


def as_json(text: str) -> Any:
    """YAML as an editor's schema check sees it: keys are strings."""
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(text)))


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # seconds of grammars when imported: not at collection

    return Draft202012Validator(json.loads(export_json_schema()))


def test_schema_is_a_json_schema() -> None:
    schema = json.loads(export_json_schema())
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(schema)
    assert set(schema["properties"]) == set(Journey.model_fields)


def test_schema_file_is_up_to_date() -> None:
    file = resources.files("pxanalysis.journey") / "journey.schema.json"
    assert file.read_text(encoding="utf-8") == export_json_schema(), (
        "the model changed: write export_json_schema() to src/pxanalysis/journey/journey.schema.json"
    )


@pytest.mark.parametrize("journey_id", list_catalogue())
def test_catalogue_fits_the_schema(validator: Draft202012Validator, journey_id: str) -> None:
    text = read_catalogue_text(journey_id)
    assert [error.message for error in validator.iter_errors(as_json(text))] == []
    assert text.startswith("# yaml-language-server: $schema=../journey.schema.json\n")


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("kind: questionnaire", "kind: questionaire", ["kind"]),
        ("channels: [in-person, phone]", "channels: [in-person, fone]", ["steps", 1, "touchpoints", 0, "channels", 1]),
        ("id: costs_fair", "id: Costs-fair", ["steps", 3, "touchpoints", 0, "items", 2, "id"]),
        ("id: costs_fair", "idd: costs_fair", ["steps", 3, "touchpoints", 0, "items", 2]),
        ("optional: true", "optinal: true", ["steps", 2, "touchpoints", 0]),
    ],
)
def test_schema_finds_typos(validator: Draft202012Validator, old: str, new: str, place: list[str | int]) -> None:
    good = read_catalogue_text("dental-treatment")
    assert good.count(old) == 1
    found = list(validator.iter_errors(as_json(good.replace(old, new))))
    assert found
    assert {tuple(error.absolute_path) for error in found} == {tuple(place)}
