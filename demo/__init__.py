"""The built-in demo service: a FastAPI app that really uses memory, and misbehaves on request.

Start it with ``python -m uvicorn demo.app:app --port 8010`` or
``gunicorn demo.app:app -k uvicorn_worker.UvicornWorker -w 2``. Every answer is deterministic:
prices are seeded by the symbol, study cards by the course.

The switches are environment variables, read once when the app is imported. They hold per worker
process. A bad value prints one line naming the variable and ends the process with code 2.

======================  ==========  ============================================================
variable                default     what it does
======================  ==========  ============================================================
DEMO_LEAK_BYTES         0           bytes each request of the leaking tier keeps alive for ever
DEMO_LEAK_TIER          heavy       the leaking tier: light, medium, heavy, or all
DEMO_LEAK_IN            process     where it sits: process, one-worker, child, shm or native
DEMO_LEAK_PATH                      paths that begin so leak, whatever their tier; empty: the tier
DEMO_TRANSIENT_MIB      0           MiB held while a request is served, and then freed
DEMO_TRANSIENT_MS       50          for so many milliseconds
DEMO_TRANSIENT_PATH     /           in requests to paths that begin so
DEMO_CACHE_MIB          0           MiB at which a cache, fed by medium requests, evicts its oldest
DEMO_CACHE_ENTRY_KIB    64          KiB each medium request adds to that cache
DEMO_CACHE_BOUND        on          off: that cache evicts nothing, whatever DEMO_CACHE_MIB says
DEMO_SPIKE_MIB          0           MiB of a short rise of the resident set
DEMO_SPIKE_MS           50          milliseconds a spike lasts
DEMO_SPIKE_EVERY        50          heavy requests from one spike to the next
DEMO_RETAIN_MIB         0           MiB the first requests fill, 1 MiB each, and never give back
DEMO_USER_MIB           0           MiB for each connected user, freed 5 s after its last request
DEMO_GARBAGE_MIB        0           MiB of garbage at which all of it is collected: a sawtooth
DEMO_GARBAGE_KIB        64          KiB of garbage that each request leaves
DEMO_HOLES_MIB          0           MiB of small objects, at once; 1 in 200 survives, pins its page
DEMO_CRASH_EVERY        0           requests after which the process ends itself with code 1
DEMO_ERROR_RATE         0           share of requests, 0 to 1, answered with status 500 (exact)
DEMO_SLOW_MS            0           milliseconds added to each request of the slow tier
DEMO_SLOW_TIER          heavy       the slow tier: light, medium or heavy
DEMO_JOB_SECONDS        0           seconds between two runs of a nightly job in the background
DEMO_JOB_SESSION        closed      open: the job leaves its database session open, with its rows
DEMO_JOB_DECORATOR                  module:name of a decorator put around that job
DEMO_AI_SECONDS         0.3         seconds POST /api/ask waits for its pretended model
DEMO_STRATEGY_CACHE     on          on: a strategy is computed once; off: at every request
DEMO_SCHEDULER          off         on: a background task refreshes an options chain every 2 s
DEMO_EVENT_QUEUE        0           events that wait for a reader of /api/events at most; 0: any
DEMO_EVENT_BYTES        1024        bytes of each of these events
DEMO_EVENTS_PER_SECOND  5           events a second for each open stream
DEMO_CONNECTION_KIB     0           KiB held for as long as an event stream is open
======================  ==========  ============================================================

``GET /health`` is never made to fail or slow, and is left out of the error rate; otherwise it
counts, and leaks, as the light request it is. ``GET /demo/switches`` (which shows the switches
and the counters of the worker that answers) belongs to no tier: looking changes nothing.
"""
