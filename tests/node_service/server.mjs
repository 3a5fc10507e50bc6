// Pages and tRPC routes on 127.0.0.1:PORT (0: a free one, told on stdout).
import { createServer } from 'node:http';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { leakOf } from './leaking.mjs';
import { appRouter, COURSES } from './router.mjs';

const leak = leakOf(process.env);
const trpc = createHTTPHandler({ router: appRouter(leak), basePath: '/api/trpc/' });

const send = (response, status, type, text) =>
  response.writeHead(status, { 'content-type': type }).end(text);
const json = (response, content) =>
  send(response, 200, 'application/json', JSON.stringify(content));

const page = () =>
  `<!doctype html><title>Courses</title><h1>Courses</h1><ul>${COURSES.map(
    ({ id, title }) => `<li><a href="/courses/${id}">${title}</a></li>`,
  ).join('')}</ul>`;

const pages = {
  '/': (response) => send(response, 200, 'text/html; charset=utf-8', page()),
  '/health': (response) => json(response, { status: 'ok' }),
  '/leak': (response) => json(response, leak.counted),
};

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (pathname.startsWith('/api/trpc/')) return trpc(request, response);
  const answer = pages[pathname];
  return answer ? answer(response) : send(response, 404, 'text/plain', 'not found');
});

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () =>
  console.log(`listening on http://127.0.0.1:${server.address().port}`),
);
