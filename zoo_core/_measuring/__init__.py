"""The third room: data to a model, what it yields to a metric, claims to verdicts."""
