"""The pages, in a process of their own: they reach the gate over its control socket only."""
