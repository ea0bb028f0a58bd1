"""How outcomes and touchpoints go over time, and whether a change is more than the usual ups and downs."""
