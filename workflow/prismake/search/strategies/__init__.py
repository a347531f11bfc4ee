"""Search strategies: compiled from concept blocks, taken apart line by line, looked through for errors."""
