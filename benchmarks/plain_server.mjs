// A small Node service whose requests leave garbage: collections are what the inspector counts.
import { createServer } from 'node:http';

const rows = () => Array.from({ length: 200 }, (_, id) => ({ id, title: `row ${id}`, at: Date.now() }));

const server = createServer((_request, response) => {
  const body = JSON.stringify(rows());
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
});
server.listen(Number(process.argv[2]), '127.0.0.1');
