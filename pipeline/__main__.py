"""Lets `python -m pipeline` do what the `publicvalue` command does; nothing else belongs here."""

from pipeline.cli import main

if __name__ == "__main__":
    main()
