"""How the report was made, for a researcher."""
