(() => {
  // Evaluated in the target: counts collections and delays from now on, says sizes when asked.
  const key = Symbol.for('plimsoll.inside');
  if (globalThis[key]) return true;
  const load = process.getBuiltinModule ?? require;
  const hooks = load('node:perf_hooks');
  const names = { 1: 'gc_minor', 4: 'gc_major', 8: 'gc_incremental', 16: 'gc_weak' };
  const gc = { gc_minor: 0, gc_major: 0, gc_incremental: 0, gc_weak: 0, gc_seconds: 0 };
  const resolution = 20;
  let longest = 0;
  const observer = new hooks.PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const name = names[entry.detail ? entry.detail.kind : entry.kind];
      if (name) gc[name] += 1;
      gc.gc_seconds += entry.duration / 1000;
      longest = Math.max(longest, entry.duration / 1000);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  const delay = hooks.monitorEventLoopDelay({ resolution });
  delay.enable();
  Object.defineProperty(globalThis, key, {
    configurable: true,
    enumerable: false,
    value: {
      read() {
        const sizes = process.memoryUsage();
        // The histogram holds the whole time between two of its timers.
        const late = delay.count ? Math.max(0, delay.max / 1e9 - resolution / 1000) : 0;
        const found = {
          heap_used: sizes.heapUsed,
          heap_total: sizes.heapTotal,
          heap_external: sizes.external,
          heap_array_buffers: sizes.arrayBuffers,
          ...gc,
          gc_longest: longest,
          loop_delay: late,
        };
        longest = 0;
        delay.reset();
        return found;
      },
      spaces() {
        return load('node:v8').getHeapSpaceStatistics().map((space) => ({
          type: space.space_name,
          size_bytes: space.space_used_size,
        }));
      },
      stop(close) {
        observer.disconnect();
        delay.disable();
        delete globalThis[key];
        // After this session has ended: closing waits for those that are open.
        if (close) setTimeout(() => load('node:inspector').close(), 100).unref?.();
        return true;
      },
    },
  });
  return true;
})()
