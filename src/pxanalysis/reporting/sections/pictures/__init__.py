"""Figures as a page shows them: drawing, words, data."""
