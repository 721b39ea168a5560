"""One Pandera model per table: what a row is, what each column means, its unit and its limits.

Belongs here: shapes, types, row rules, column descriptions; nothing that reads files or works out values.
The data dictionary and the checks of every table are made from these models.
"""
