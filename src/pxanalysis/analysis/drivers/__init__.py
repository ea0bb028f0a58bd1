"""Which touchpoints drive an outcome."""
