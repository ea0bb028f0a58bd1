"""Palette, scales, placing, lettering and words, shared by all drawings."""
