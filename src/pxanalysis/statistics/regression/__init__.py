"""Regression with errors that know about clusters, and the variance it explains."""
