"""pxanalysis."""
