"""Ways to share explained variance out over predictors."""
