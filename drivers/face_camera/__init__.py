"""Cameras that look at faces: frames with the time they were taken, and what was wrong with them."""
