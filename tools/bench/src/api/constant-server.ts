/**
 * The HTTP server that the service can't do without, and nothing else: Fastify as it comes, which reads a body as the service must
 * and gives a constant answer.
 *
 * node constant-server.js '{"/path": {"type": "application/json", "bytes": 200}}'; prints its port.
 */
import Fastify from 'fastify';

/** What is answered at each path: its content type, and how many bytes of body. */
type Answers = Readonly<Record<string, { readonly type: string; readonly bytes: number }>>;

const answers = JSON.parse(process.argv[2]) as Answers;
const app = Fastify({ bodyLimit: 16 * 1024 * 1024 });
app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_, body, done) => {
  done(null, body);
});
for (const [path, { type, bytes }] of Object.entries(answers)) {
  const isJson = type.startsWith('application/json');
  const body = isJson ? `{"a":"${'x'.repeat(Math.max(0, bytes - 8))}"}` : Buffer.alloc(bytes, 120);
  app.post(path, (_, reply) => reply.type(type).send(body));
}
await app.listen({ host: '127.0.0.1', port: 0 });
const address = app.server.address();
process.stdout.write(`${typeof address === 'object' ? String(address?.port) : ''}\n`);
