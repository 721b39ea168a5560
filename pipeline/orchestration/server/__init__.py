"""The Dagster UI as a service: its processes, where records of runs are kept, and what guards and stands beside it.

Belongs here: starting and ending the processes (``ui``, ``child``), what the web server answers and refuses
(``web_server``, ``guard``, ``report_files``, ``pictures``), the records of runs (``instance``) and what becomes of runs
whose process has ended (``runs``). Stays out: which assets there are and when a run starts, which is the graph's.

    addresses, guard, child, report_files, pictures -> instance -> runs, web_server -> ui; code_location loads the graph
"""
