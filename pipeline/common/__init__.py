"""What every folder may use and what knows nothing about the project: files, a separate process, timing."""
