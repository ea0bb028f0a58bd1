"""The address of a questionnaire with the practice and the invitation in it, per tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pxanalysis.questionnaires.limesurvey import survey_number

if TYPE_CHECKING:
    from pxanalysis.journey.form import Form
    from pxanalysis.journey.short_ids import CodeBook

__all__ = ["make_link"]


def make_link(form: Form, book: CodeBook) -> str:
    """Return a link for ``pxanalysis invite --link``; capitals are to be replaced by what the tool shows.

    A FHIR questionnaire is asked by another system, which has no link of ours: the text is empty.
    """
    practice, token = book.names["practice_id"], book.names["token"]
    values = f"{practice}={{practice_id}}&{token}={{token}}"
    language = form.languages[0]
    match book.tool:
        case "xlsform":
            path = f"/{form.journey_id}"
            return f"https://SERVER/single/CODE?d[{path}/{practice}]={{practice_id}}&d[{path}/{token}]={{token}}"
        case "limesurvey":
            number = survey_number(form.journey_id)
            return f"https://SERVER/index.php/{number}?newtest=Y&lang={language}&{values}"
        case "redcap":
            return f"https://SERVER/surveys/?s=CODE&{values}"
        case "qualtrics":
            return f"https://NAME.qualtrics.com/jfe/form/SV_CODE?{values}"
        case "html":
            return f"https://SERVER/{form.journey_id}-form-{language}.html?{values}"
        case "fhir":
            return ""
