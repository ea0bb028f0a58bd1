"""From a raw table to accepted rows, and rejected ones with their reason."""
