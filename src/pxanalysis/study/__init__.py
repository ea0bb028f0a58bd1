"""A study: one folder with its journey, answers, results and reports. The only room that knows folder names."""

from pxanalysis.study.folder import Study, open_study
from pxanalysis.study.scaffold import init_study
from pxanalysis.study.settings import StudySettings
from pxanalysis.study.shipped import notebooks_folder

__all__ = ["Study", "StudySettings", "init_study", "notebooks_folder", "open_study"]
