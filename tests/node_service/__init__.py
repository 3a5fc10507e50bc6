"""A real Node service that leaks on request, and how its heap snapshots are taken."""
