"""The page itself: words, tables, fragments, style, what HTML it may carry."""
