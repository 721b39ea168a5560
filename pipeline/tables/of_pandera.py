"""What modules outside this folder need of Pandera.

Belongs here: names of Pandera's own. They are taken from here, since whoever imports Pandera before this folder has it
keep text in another way than ``pipeline.tables`` tells it to, and what is published would be of other types.
"""

from pandera.dtypes import is_bool, is_datetime, is_float, is_int, is_string
from pandera.errors import SchemaErrors

__all__ = ["SchemaErrors", "is_bool", "is_datetime", "is_float", "is_int", "is_string"]
