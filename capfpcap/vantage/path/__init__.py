"""What captures of a path tell of it: holes in what arrived, and resets that nobody sent."""
