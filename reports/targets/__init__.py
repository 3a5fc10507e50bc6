"""Several targets under one load: replicas, or the parts of one service."""
