"""``python -m capfpcap`` is the same program as ``capfpcap``."""

from capfpcap.cli import main

if __name__ == "__main__":
    main()
