"""Fingerprint readers: images of fingers off a wire or out of a folder."""
