// What a request leaves behind, by the environment: LEAK=closures|listeners|timers|none,
// LEAK_KIB=10 (KiB of heap per request).
import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';

const KIB = 1024;
const FOREVER_MS = 2 ** 30;

// Random, so that no two requests share a string; flat, so that it is one object of the heap.
const payload = (kib) =>
  Array.from({ length: kib }, () => randomBytes(KIB / 2).toString('hex'));

class CapturedLesson {
  constructor(id, kib) {
    this.id = id;
    this.paragraphs = payload(kib);
  }
}

class ListenerSession {
  constructor(id, kib) {
    this.id = id;
    this.history = payload(kib);
  }
}

class TimerTicket {
  constructor(id, kib) {
    this.id = id;
    this.pages = payload(kib);
  }
}

class ProgressBus extends EventEmitter {}

const bus = new ProgressBus();
bus.setMaxListeners(0);
const renderers = [];

const leaks = {
  none: () => {},
  closures: (id, kib) => {
    const lesson = new CapturedLesson(id, kib);
    renderers.push(function renderLesson() {
      return lesson.paragraphs.join('');
    });
  },
  listeners: (id, kib) => {
    const session = new ListenerSession(id, kib);
    bus.on('progress', function onProgress() {
      return session.history.length;
    });
  },
  timers: (id, kib) => {
    const ticket = new TimerTicket(id, kib);
    setInterval(function remind() {
      return ticket.pages.length;
    }, FOREVER_MS);
  },
};

/** A function of a course's id that leaks once per call, and the count of what was leaked. */
export function leakOf({ LEAK = 'none', LEAK_KIB = '10' }) {
  const leak = leaks[LEAK];
  const kib = Number(LEAK_KIB);
  if (!leak || !(kib > 0)) throw new Error(`LEAK=${LEAK} LEAK_KIB=${LEAK_KIB}: unknown`);
  const counted = { requests: 0, bytes: 0 };
  return {
    counted,
    onRequest(id) {
      leak(id, kib);
      counted.requests += 1;
      if (LEAK !== 'none') counted.bytes += kib * KIB;
    },
  };
}
