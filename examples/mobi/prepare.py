"""Make data/raw/mobi.csv from the published rows: a number for each customer and the one provider are added.

Run: python examples/mobi/prepare.py path/to/mobi.csv
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd


def main() -> None:
    """Write the rows with a number for each customer and the one provider."""
    rows = pd.read_csv(sys.argv[1])
    rows.insert(0, "practice_id", "provider")
    rows.insert(1, "response_id", [f"M{number:03d}" for number in range(1, len(rows) + 1)])
    target = Path(__file__).parent / "data" / "raw" / "mobi.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    rows.to_csv(target, index=False)


if __name__ == "__main__":
    main()
