"""The recognition worker: captures, sessions and the vault; samples never leave this room.

`recogniser.Recogniser` is `ports.Recognition` in the process that owns camera and sensor;
`worker` serves one over a Unix socket to a controller in another process.
"""
