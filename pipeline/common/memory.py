"""How a process of ours has Python and Arrow look after its memory.

Belongs here: what every process says of that before it imports what is large.
"""

import gc
import os

# Python looks for garbage each time that it has made so many more objects than it has freed, by default 700, and now
# and then goes through all objects. A run makes a million that live to its end, and hardly any garbage that is not
# freed anyway: it spent a tenth of its processor time looking.
OBJECTS = 50_000


def set_up_memory() -> None:
    """Look for garbage seldom, and leave memory to the system's own allocator; call it before Arrow is imported.

    Arrow's own allocator keeps memory that was freed, so that a run needs 35 MB more. Processes that this one starts
    use the same allocator.
    """
    gc.set_threshold(OBJECTS, 10, 10)
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
