"""Learning to tell consent UI: labels, rows, fitting, scores."""
