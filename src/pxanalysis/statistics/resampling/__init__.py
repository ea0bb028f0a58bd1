"""Bootstrap of whole practices: weights, moments of every replicate, intervals, and what few practices do to them."""
