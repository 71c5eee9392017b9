"""What researchers found themselves: a verdict and a note per claim, kept as articles change."""
