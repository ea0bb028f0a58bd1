"""Structural equation models in numbers: implied moments, likelihood, errors, fit; knows no journey."""
