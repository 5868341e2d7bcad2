"""Rules about TCP connections and the path that packets take."""
