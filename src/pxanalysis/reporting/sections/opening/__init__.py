"""The first screen: who, when, how many, and the outcomes."""
