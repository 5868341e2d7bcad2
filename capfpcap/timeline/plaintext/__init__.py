"""What is said in a session that keys open: messages of CAPF and TVS. Loaded only where one is."""
