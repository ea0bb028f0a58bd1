"""How well an outcome is predicted in practices that were left out."""
