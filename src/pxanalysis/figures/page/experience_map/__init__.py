"""The experience map: phases, what was done and thought, the curve of how it felt, dilemmas and ideas."""

from pxanalysis.figures.page.experience_map.drawing import MapDrawing, draw_map
from pxanalysis.figures.page.experience_map.parts import Feeling, MapPhase, MapTouchpoint, Survey, Telling

__all__ = ["Feeling", "MapDrawing", "MapPhase", "MapTouchpoint", "Survey", "Telling", "draw_map"]
