"""The retraining side: labelled pages, alignment, training, measuring; not in the wheel."""
