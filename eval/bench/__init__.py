"""Footnoted against the plain pipeline: speed and memory as ratios of one run."""
