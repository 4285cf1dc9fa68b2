"""Finding places again: ranking, metrics, an index that grows, loop closures."""
