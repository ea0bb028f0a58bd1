"""A journey written in a spreadsheet, there and back."""

from pxanalysis.journey.authoring.from_workbook import read_workbook
from pxanalysis.journey.authoring.workbook import write_blank_workbook, write_workbook
from pxanalysis.journey.authoring.yaml_text import to_yaml

__all__ = ["read_workbook", "to_yaml", "write_blank_workbook", "write_workbook"]
