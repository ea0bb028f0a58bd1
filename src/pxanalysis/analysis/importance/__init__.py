"""How much of the outcome each driver accounts for."""
