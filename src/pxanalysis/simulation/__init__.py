"""Answers whose truth is known."""
