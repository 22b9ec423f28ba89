"""How forecasts are judged: metrics with their intervals, evidence, and the gate."""
