"""One Pandera model per table: what a row is, what each column means, its unit and its limits.

Belongs here: shapes, types, row rules, column descriptions; nothing that reads files or works out values.
The data dictionary and the checks of every table are made from these models.
"""

import sys

import pandas as pd

# Our tables have some thousand rows at most. Text in Arrow, which pandas takes when left to itself, costs a fixed time
# for each thing done with it: a fifth of a whole run. Said before Pandera, which asks once, is imported.
pd.options.mode.string_storage = "python"

# Where hypothesis is installed, as it is for tests, Pandera imports it to make up data, which nobody asks of it here: a
# tenth of the time that a command takes to begin.
_is_unused = "hypothesis" not in sys.modules
if _is_unused:
    sys.modules["hypothesis"] = None  # type: ignore[assignment]  # as where it is not installed
import pandera.backends.pandas.builtin_checks  # noqa: E402  # what it imports when it first checks a table
import pandera.pandas  # noqa: E402, F401

if _is_unused:
    del sys.modules["hypothesis"]
