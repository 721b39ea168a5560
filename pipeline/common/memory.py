"""How a process of ours has Python and Arrow look after its memory.

Belongs here: what every process says of that before it imports what is large.
"""

import gc
import os

# Python looks for garbage each time that so many more objects have come than gone, by default 700, and goes through all
# there are. A run makes a million that live to its end, and hardly any garbage that is not gone by itself: it spent a
# tenth of its time looking.
OBJECTS = 50_000


def set_up_memory() -> None:
    """Look for garbage seldom, and leave memory to the system's own allocator; call it before Arrow is imported.

    Arrow's keeps what it is given back: with it a run needs 35 MB more. A process that this one starts has the same.
    """
    gc.set_threshold(OBJECTS, 10, 10)
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
