"""Means and covariances: complete or incomplete answers, ordered answers, within and between practices."""
