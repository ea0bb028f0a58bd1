"""What a researcher plots: takes and returns matplotlib Axes."""
