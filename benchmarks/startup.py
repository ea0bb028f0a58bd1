"""How long it takes before anything happens: `import pxanalysis` (goal 0.3 s) and `pxanalysis --help` (goal 0.4 s)."""

from __future__ import annotations

import subprocess
import sys

from measuring import median_seconds, prepare, tell


def command(*words: str) -> float:
    return median_seconds(lambda: subprocess.run([sys.executable, *words], check=True, capture_output=True))


def main() -> None:
    prepare()
    bare = command("-c", "pass")
    tell(
        "import pxanalysis",
        command("-c", "import pxanalysis") - bare,
        "import pandas",
        command("-c", "import pandas") - bare,
    )
    tell("pxanalysis --help, whole process", command("-m", "pxanalysis.cli.main", "--help"))


if __name__ == "__main__":
    main()
