"""A comparison on paper: APA numbers, LaTeX and Word tables, vector figures, BibTeX."""
