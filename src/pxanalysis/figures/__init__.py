"""How a frame is drawn."""
