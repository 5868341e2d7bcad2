"""Panes that tell in words what is under the cursor."""
