"""What memory: a process of its own that samples a target on a timer and tags it with the phase.

It never imports locust, which would patch its threads and clocks.
"""
