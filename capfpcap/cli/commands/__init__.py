"""The commands, one a module that defines ``command``; each is imported when it is called."""
