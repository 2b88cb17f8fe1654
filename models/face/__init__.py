"""Face recognition: detect, find points, align, judge, embed, compare; over frames, decide.

Importing this package loads nothing heavy; its modules load OpenCV and, when first used, dlib.
`pipeline` reads as the algorithm on one picture, `verify` over a capture.
"""
