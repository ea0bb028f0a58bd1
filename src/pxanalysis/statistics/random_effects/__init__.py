"""How units differ, how reliably they can be told apart, and estimates shrunk or pooled accordingly."""
