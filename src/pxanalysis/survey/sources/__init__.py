"""Files with answers, read as text, cell by cell."""
