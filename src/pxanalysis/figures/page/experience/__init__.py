"""The experience curve of a journey."""
