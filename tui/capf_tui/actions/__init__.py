"""What a user may do with what is shown, one file each."""
