"""One thread for numpy: the matrices are small, and threads that wait cost more than they give."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
