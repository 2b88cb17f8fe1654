"""How the glyph classifier of the MRZ reader is made; nothing here runs at the gate."""
