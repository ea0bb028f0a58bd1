"""What is measured: journeys, from the catalogue or from a file."""

from pxanalysis.journey.model import Journey, Outcome, PlacedItem, Scale, Step, Touchpoint
from pxanalysis.journey.reading import export_json_schema, list_catalogue, read_journey

__all__ = [
    "Journey",
    "Outcome",
    "PlacedItem",
    "Scale",
    "Step",
    "Touchpoint",
    "export_json_schema",
    "list_catalogue",
    "read_journey",
]
