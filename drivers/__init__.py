"""Devices: bytes on a wire. Nothing in here knows a law, a gate or a biometric."""
