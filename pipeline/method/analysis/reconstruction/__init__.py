"""A reading of somebody else's study: its result rebuilt step by step, and every other way to come near it.

Belongs here: the steps in pounds (``steps``), all readings (``readings``), what to ask its authors (``questions``). It
says what would have to be believed; no edition of ours takes anything from it.
"""
