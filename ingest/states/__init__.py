"""What a response is to the source that was cited: the states of references."""
