"""Rules about files, by TFTP and HTTP."""
