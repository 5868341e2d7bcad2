"""Rules about the captures themselves."""
