"""Other engines for the same pictures, loaded only when asked for."""
