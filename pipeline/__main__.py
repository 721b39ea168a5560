"""Lets `python -m pipeline` do what the `publicvalue` command does; nothing else belongs here."""

import sys

if __name__ == "__main__":
    # Python has put the current folder first; it holds data, and none of what follows is to be imported from it.
    if not sys.flags.safe_path:
        del sys.path[0]
    from pipeline.cli import main

    main()
