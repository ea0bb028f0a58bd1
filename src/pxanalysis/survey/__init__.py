"""What patients answered: read, checked, stored and scored."""
