"""Items of a scale and what they measure together: factor models, alpha, omega, composites."""
