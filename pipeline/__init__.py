"""The public value of social outcomes contracts: from reported outcomes to pounds.

The method in ten lines:

1. Facts: what contracts reported and were paid (``raw/``), read and refused as a whole (``facts``, ``claims``).
   Of participant-level claims only counts that may be published go on.
2. Scope: of each metric the latest report up to the edition's cut-off, pro rata where its period straddles it.
3. Mapping: each metric counts an outcome, is a rung of a ladder, a step on the way, an overlap, or has no unit cost.
4. Units: ladders are one cohort; how much time an outcome is worth is a named convention.
5. Unit values: unit costs from their own price year and unit to those of the edition.
6. Gross value = units × unit values, by kind (fiscal, economic, social), transfers apart.
7. Net value = gross × (1 - deadweight), by layer; counts that are net already take none.
8. Overlaps: of lines that save the same money the largest ladder counts, the rest is shown.
9. Sums and ratios over contracts that have both value and payments; what lacks one stands beside.
10. Reconciliation: every published figure beside ours, with the reason for the difference.

Imports run one way: tables <- facts <- claims <- method <- checks, report <- orchestration <- cli. Nothing is wired
at import.
"""

import os

# With more threads for a sum over a matrix its last digits depend on how many cores a machine has. To be said before
# NumPy is imported.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
