"""Presentation attack detection: passive cues and an optional challenge.

Only the plumbing is claimed. The cues are written from the literature and were tried on attacks
made here, which says nothing about attacks made elsewhere (ISO/IEC 30107-3).
"""
