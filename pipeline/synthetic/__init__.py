"""Made-up data, marked as such: claims, a project that holds them, and a market of any size. No run uses them."""
