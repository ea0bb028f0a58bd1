"""What tests of several rooms share: levels, areas under the curve, folds and paired tests: against other
means, and at their edges.
"""

from __future__ import annotations

import numpy as np

RNG = np.random.default_rng(5)


CODES = np.repeat(np.arange(12), RNG.integers(5, 30, 12)).astype(np.intp)


ROWS = RNG.standard_normal((CODES.size, 3)) + RNG.standard_normal((12, 3))[CODES]
