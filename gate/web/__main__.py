"""`python -m gate.web --control SOCKET --port N`: the page of one gate as a process of its own."""

import argparse
from pathlib import Path

from gate.web.serve import serve


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--control", type=Path, required=True)
    parser.add_argument("--desk", type=Path, help="the demo's enrolment desk: shows its camera")
    parser.add_argument("--port", type=int, required=True)
    words = parser.parse_args()
    serve(words.control, words.port, words.desk)


if __name__ == "__main__":
    main()
