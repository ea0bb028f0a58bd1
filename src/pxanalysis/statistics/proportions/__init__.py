"""Shares and net shares: intervals, differences of independent and of paired ones."""
