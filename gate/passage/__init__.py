"""The pure core: `step(state, event, now)`. Start with `step.py`: the table is at its head."""
