"""A new study folder, ready for answers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from pxanalysis.errors import StudyError
from pxanalysis.journey.reading import export_json_schema, read_catalogue_text, read_journey
from pxanalysis.study.folder import Study
from pxanalysis.study.shipped import notebooks_folder
from pxanalysis.survey.files import write_atomically

__all__ = ["init_study"]

_STUDY_TOML = """\
# A study: which journey is measured, how exports are read, what is estimated. All keys: README, "study.toml".
[study]
title = {title}
journey = "journey.yaml"        # this study's own copy; or an id from `pxanalysis journeys`
language = "{language}"                 # of the reports: nl or en

[source]
# What practices are called and how many patients they invited is read from data/raw/practices.csv when it is there:
# columns practice_id, practice_name and, for the response rate, invited (in the period of the answers). If elsewhere:
# practices = "names.csv"
bad_answer = "drop-cell"           # or "reject-row"
# most_refused = 0.2               # reports wait when more rows of a file, or cells of a column, are refused
# missing = ["NA", "-99"]          # cells that mean "no answer", beside empty ones
# practice_pattern = "[0-9]{{8}}"    # the form every practice id must have, for example an AGB code
# practice = "01010101"            # of all answers in files that have no column of it

# [sql.answers]
# Answers in a database (SQLite, PostgreSQL): one SELECT, read-only; secrets from the environment
# url = "postgresql://reader:${{PX_PASSWORD}}@host/base"
# query = "SELECT * FROM answers"

# [pull.feedback]
# Answers on a server of LimeSurvey, REDCap or ODK Central (docs/how-to/pulling.md); secrets from the environment
# kind = "limesurvey"
# url = "https://surveys.example.nl/index.php/admin/remotecontrol"
# survey = 123456
# user = "reader"
# password = "${{PX_LIME_PASSWORD}}"

[columns]
# journey id = "column in the export", only where they differ, for example
# practice_id = "Praktijkcode"     # which practice; every row needs one
# response_id = "Respnr"           # who, so that a corrected export replaces what it corrects
# completed_on = "Ingevuld op"     # the day of the answer; without it there is no period and no trend
# role, channel and every id of the journey (items, ktv, nps, ces, ...) likewise

# [readings]
# What `pxanalysis check` asks about columns is answered here, for example
# nps = "1-11"                     # the export's lowest and highest code
# returned = "1=yes, 2=no"

# [forms]
# Where the questionnaire had more than one version: what tells which one somebody filled in
# column = "form_version"          # or: changed_on = [2025-09-01]
# language = "UserLanguage"        # the column with the language somebody filled it in

# [observations]
# What patients were seen to do, think and feel, from `pxanalysis journeys observations journey.yaml --xlsx`
# file = "observations.xlsx"

# [contact]
# Patients who asked to be called back: encrypted, apart from the answers, for keep_days (docs/dashboard.md)
# columns = ["phone", "email"]     # of the export; and which column says that they want it
# consent = "call_me"

[analysis]
outcome = "ktv"                 # what the drivers explain: ktv, nps, ces or a behaviour
minimum_n = 10                  # no figure on fewer people; may be raised
# one_form = true                 # all were asked the same, although much is missing; false: a form was found rightly
# items_needed = 0.5              # share of a contact's questions that has to be answered for a score
n_bootstrap = 1000
seed = 1
"""


def init_study(folder: str | Path, journey: str) -> Study:
    """Make a study folder: study.toml, its own copy of the journey and of the notebooks, and empty data folders.

    Raises
    ------
    StudyError
        When the folder already holds a study, or a file that would be overwritten.
    """
    root = Path(folder)
    if (root / "study.toml").exists():
        raise StudyError(f"{root}: there is a study here already. Choose another folder, or edit its study.toml.")
    for name in ["journey.yaml", *(f"notebooks/{notebook.name}" for notebook in notebooks_folder().glob("*.ipynb"))]:
        if (root / name).exists():
            raise StudyError(f"{root / name}: is there already and would be overwritten. Choose another folder.")
    path = Path(journey)
    model = read_journey(journey)
    language = "nl" if "nl" in model.languages else next(iter({"en"} & set(model.languages)), None)
    if language is None:
        raise StudyError(
            f"{journey}: the journey is written in {', '.join(model.languages)}; reports are made in nl or en. Add one "
            "of these languages to the journey."
        )
    title = json.dumps(model.title[language], ensure_ascii=False)  # a JSON string is one in TOML
    text = path.read_text(encoding="utf-8-sig") if path.suffix in {".yaml", ".yml"} else read_catalogue_text(journey)
    for name in ("data/raw", "data/processed", "reports", "notebooks"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for notebook in sorted(notebooks_folder().glob("*.ipynb")):
        shutil.copyfile(notebook, root / "notebooks" / notebook.name)
    write_atomically(
        root / "journey.yaml", text.replace("$schema=../journey.schema.json", "$schema=journey.schema.json")
    )
    write_atomically(root / "journey.schema.json", export_json_schema())
    if not (root / ".gitignore").exists():
        write_atomically(root / ".gitignore", "data/\nreports/\nkrt/\n")
    write_atomically(root / "study.toml", _STUDY_TOML.format(title=title, language=language))
    return Study(root)
