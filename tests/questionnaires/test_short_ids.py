"""Short ids: fitting, reversible, and the same whatever else is in the journey."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxanalysis.journey import Journey, list_catalogue, read_journey
from pxanalysis.journey.form import build_form
from pxanalysis.journey.short_ids import TOOLS, make_codebook, shorten

IDS = st.from_regex(r"[a-z][a-z0-9_]{0,47}", fullmatch=True)
FORMS = {"redcap": r"[a-z][a-z0-9_]{0,25}", "limesurvey": r"[a-z][a-z0-9]{0,19}", "qualtrics": r"[a-z][a-z0-9_]{0,39}"}


@given(IDS)
def test_a_short_id_fits_its_tool(id_: str) -> None:
    for tool, form in FORMS.items():
        assert re.fullmatch(form, shorten(id_, tool)), tool


@given(st.lists(IDS, min_size=2, max_size=30, unique=True))
def test_ids_that_would_clash_are_told_apart(ids: list[str]) -> None:
    from pxanalysis.journey.short_ids import _name_all

    for tool in TOOLS:
        names = _name_all(ids, tool)
        assert len({name.casefold() for name in names.values()}) == len(ids)


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("journey_id", list_catalogue())
def test_a_codebook_can_be_turned_back(journey_id: str, tool: str) -> None:
    book = make_codebook(build_form(read_journey(journey_id)), tool)
    assert len(set(book.names.values())) == len(book.names)
    for codes in book.codes.values():
        assert len(set(codes.values())) == len(codes)


def test_a_name_does_not_depend_on_what_else_is_asked() -> None:
    data = read_journey("dental-practice").model_dump(mode="json")
    whole = make_codebook(build_form(Journey.model_validate(data)), "limesurvey")
    data["steps"] = data["steps"][:2]
    part = make_codebook(build_form(Journey.model_validate(data)), "limesurvey")
    assert all(whole.names[id_] == name for id_, name in part.names.items())
