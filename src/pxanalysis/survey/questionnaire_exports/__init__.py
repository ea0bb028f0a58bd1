"""Exports of our own questionnaires from survey tools, recognised by what is in them and read without a mapping."""

from pxanalysis.survey.questionnaire_exports.translate import Translation, find_translation, translate_export

__all__ = ["Translation", "find_translation", "translate_export"]
