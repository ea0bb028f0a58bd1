"""What the answers mean: statistics on arrays, results as small frozen records."""
