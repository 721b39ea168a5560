"""The method as a Dagster asset graph: all that imports dagster, and nothing that the method needs.

Belongs here: which asset follows which, where tables are kept between two of them, how a run is started and shown.
An asset loads, calls plain functions of facts, method and report, and stores; no rule of the method stands here.

    settings -> storage -> inputs -> specs, failures -> fact_assets, asset_checks -> edition_assets -> publication_asset
    -> definitions -> run, ui
"""
