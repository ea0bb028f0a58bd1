"""What a whole column says, before its cells are checked: one module per kind of evidence, one verdict per column."""
