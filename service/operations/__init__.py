"""Running the service for others: keys, limits, overload, logs, metrics, processes."""
