"""What a phone does besides enrolling: it authenticates at its switch, registers, sends alarms."""
