"""Linear algebra in one thread; takes effect where it is imported before numpy is.

The matrices of a report are some hundred wide. Several threads of OpenBLAS spend their time waiting
for each other in a loop: three times the CPU time for the same figures, and more on a busy machine.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
