"""The gate: what happens to a traveller, and why."""
