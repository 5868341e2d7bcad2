"""The terminal interface of capfpcap.

Two processes: the engine analyses the captures and answers questions about them, the application
shows the answers and is never kept waiting by the analysis. What is said of phones is said by
:mod:`capfpcap`; here it is laid out.
"""
