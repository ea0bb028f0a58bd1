"""Nothing is shown on too few people, nor can it be worked out from what is shown."""

from __future__ import annotations

from pxanalysis.analysis.privacy.rules import check_minimum_n
from pxanalysis.analysis.privacy.suppression import suppress_cells
from pxanalysis.analysis.privacy.system import CellSystem, cell_bounds, find_derivable
from pxanalysis.analysis.privacy.tables import SUPPRESSED, suppress

__all__ = [
    "SUPPRESSED",
    "CellSystem",
    "cell_bounds",
    "check_minimum_n",
    "find_derivable",
    "suppress",
    "suppress_cells",
]
