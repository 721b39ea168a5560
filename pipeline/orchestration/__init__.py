"""The method as a Dagster asset graph: all that imports dagster, and nothing that the method needs.

Belongs here: which asset follows which, where tables are kept between two of them, how a run is started and shown.
An asset loads, calls plain functions of facts, method and report, and stores; no rule of the method stands here.

    settings -> storage, server.instance -> server.runs, inputs -> failures, specs, metadata -> partitions, run_config
    -> reference_assets, fact_assets, asset_checks -> edition_assets -> publication_asset, what_if_asset
    -> jobs -> automation -> definitions -> run, graph_page, server.code_location
"""
