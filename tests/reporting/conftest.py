"""What tests of pages share: helpers by path."""

import sys
from pathlib import Path

# importlib mode gives test modules no parent package, so that helpers beside them are found by path.
sys.path.insert(0, str(Path(__file__).parent))
