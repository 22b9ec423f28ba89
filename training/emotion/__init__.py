"""From emotion-labelled tables to a fitted, measured and registered emotion model."""
