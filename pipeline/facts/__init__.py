"""Facts: reading what was reported and what analysts looked up; no valuation."""
