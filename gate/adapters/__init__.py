"""One file per port: each imports one driver or model package and translates values and errors."""
