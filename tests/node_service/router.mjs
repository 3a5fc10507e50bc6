// The routes below /api/trpc: two queries and a mutation over a few courses.
import { initTRPC, TRPCError } from '@trpc/server';
import { z } from 'zod';

const TITLES = ['Knots', 'Tides', 'Charts', 'Ballast', 'Load lines'];
export const COURSES = TITLES.map((title, index) => ({ id: index + 1, title }));

const { router, procedure } = initTRPC.create();

/** Builds the router; `leak.onRequest(id)` is called for each courses.byId. */
export function appRouter(leak) {
  const latest = new Map();
  return router({
    courses: router({
      list: procedure.query(() => COURSES),
      byId: procedure.input(z.object({ id: z.number().int() })).query(({ input }) => {
        const course = COURSES.find(({ id }) => id === input.id);
        if (!course) throw new TRPCError({ code: 'NOT_FOUND', message: `no course ${input.id}` });
        leak.onRequest(course.id);
        return { ...course, progress: latest.get(course.id) ?? 0 };
      }),
    }),
    progress: router({
      save: procedure
        .input(z.object({ id: z.number().int(), percent: z.number().min(0).max(100) }))
        .mutation(({ input }) => {
          latest.set(input.id, input.percent);
          return { saved: true };
        }),
    }),
  });
}
