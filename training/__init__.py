"""The retraining side: labelled pages, alignment, training, measuring. Never imported by `detector`."""
