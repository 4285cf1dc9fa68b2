"""Message-passing networks for graphs, trained or frozen as they are drawn."""
