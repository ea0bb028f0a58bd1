"""How far intervals, probabilities and advice can be trusted, by simulation."""
