"""Made-up claims to practise with, marked as such: the claims, and a project that holds them. No run uses it."""
