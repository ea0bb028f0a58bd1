"""The priority matrix."""
