"""Participant-level claims: reading them, reducing them to counts, and what may be published of the counts."""
