"""The ladder of a phone or a flow: lanes, and the messages between them, as values."""
