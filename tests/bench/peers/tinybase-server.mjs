// TinyBase's server: its web socket server, each path a store that is kept in a file.
// Called with a port and a folder.

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.PEER}/package.json`);
const use = (name) => import(require.resolve(name));
const [, , port, folder] = process.argv;
const { createMergeableStore } = await use('tinybase');
const { createFilePersister } = await use('tinybase/persisters/persister-file');
const { createWsServer } = await use('tinybase/synchronizers/synchronizer-ws-server');
const { WebSocketServer } = require('ws');

const file = (path) => `${folder}/${createHash('md5').update(path).digest('hex')}.json`;
const http = createServer((_, reply) => reply.end('ready'));
createWsServer(new WebSocketServer({ server: http }), (path) =>
  createFilePersister(createMergeableStore(), file(path)));
http.listen(Number(port), '127.0.0.1');
