"""Pictures for a page: drawn by matplotlib, which is loaded here and nowhere else."""
