"""Reports made: a notebook run, many at a time, printed."""
