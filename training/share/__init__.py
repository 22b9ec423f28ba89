"""From posts with results and comparisons to a fitted, measured and registered share model."""
