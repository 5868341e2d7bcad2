"""What rules are made of: codes, drafts of findings, and a phone's case as they see it."""
