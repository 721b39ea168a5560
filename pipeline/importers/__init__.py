"""Importers: each imports what one source publishes into ``raw/``.

Belongs here: ``imported`` (what an importer hands over), ``merge`` (how it comes together with what lies in ``raw/``),
``refusals`` (what ``check`` would refuse of it), ``summary`` (what is said of it), and a module or folder for each
source. A new importer reads its source, makes an ``ImportedContract`` of each contract, says by an ``Owner`` which rows
are its own, and hands both to ``merge.plan_merge``. No run makes use of what is here.
"""
