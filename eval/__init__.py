"""From an eval set to measures with confidence intervals; and the project's own benchmarks."""
