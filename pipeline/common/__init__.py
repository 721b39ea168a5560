"""What every other folder may use and nothing of the project is known to: files, a process of its own, timing."""
