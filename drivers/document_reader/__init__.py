"""Document readers: the raw machine readable zone off a wire."""
