"""The terminal interface of capfpcap.

Two processes: the engine analyses the captures and answers questions about them, the application
shows the answers and is never kept waiting by the analysis. What is said of phones is said by
:mod:`capfpcap`; here it is laid out.
"""

import os

os.environ.setdefault("TEXTUAL_FPS", "120")
"""Pictures a second at most, before Textual is loaded. A key's picture comes in two or three: the
cursor, then what is told of its row. At Textual's own 60 each may wait for 17 ms."""
