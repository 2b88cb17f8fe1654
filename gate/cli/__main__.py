"""`python -m gate.cli` is what the bootstrap `./egate` executes."""

from gate.cli import main

main()
