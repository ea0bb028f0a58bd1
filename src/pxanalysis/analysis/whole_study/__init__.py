"""Everything that reports show, estimated once for the whole study, and the frames that hold it.

`fit` estimates; `results` keeps and reads, and imports none of the analyses.
"""
