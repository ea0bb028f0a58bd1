"""What a simulation writes."""

__all__ = ["SIMULATED_FILES", "TRUTH_FILE"]

TRUTH_FILE = "simulated_truth.json"
"""The truth behind the answers; it tells a folder with simulated answers from one with real ones."""

SIMULATED_FILES = ("simulated.csv", "practices.csv", TRUTH_FILE)
"""Answers, practices and truth."""
