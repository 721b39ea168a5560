"""The method as a Dagster asset graph: all that imports dagster, and nothing that the method needs.

Belongs here: which asset follows which, where tables are kept between two of them, how a run is started and shown.
An asset loads, calls plain functions of facts, method and report, and stores; no rule of the method stands here.

    settings -> assets.store, server -> assets -> jobs -> automation -> definitions -> run, graph_page

``assets`` holds what a run makes, ``server`` the UI as a service.
"""
