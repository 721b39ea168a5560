"""Participant-level claims: what a contract claimed for each person, reduced to counts that may be published."""
