"""Whether two folders with results of a fit hold the same: every frame, every column, numbers to a relative 1e-9.

    python benchmarks/same_results.py OLD/data/processed/results NEW/data/processed/results

Use it before and after a change that should change nothing: `pxanalysis run` in a copy of a study with the old code and
in another with the new, and then this. It exits with 1 when anything differs, and says what.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pxanalysis.analysis.whole_study.differences import list_differences

found = list_differences(Path(sys.argv[1]), Path(sys.argv[2]))
print("\n".join(found) or "the same")
sys.exit(bool(found))
