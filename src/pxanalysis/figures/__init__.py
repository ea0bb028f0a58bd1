"""How a frame is drawn. Knows no result object."""
