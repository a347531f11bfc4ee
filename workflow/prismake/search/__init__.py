"""The records of every source and run, from exports or from the snapshots of live searches."""
