// PouchDB's server: express-pouchdb on LevelDB, with nothing but the replication interface.
// Called with a port and a folder.

import { createRequire } from 'node:module';

const require = createRequire(`${process.env.PEER}/package.json`);
const [, , port, folder] = process.argv;
const PouchDB = require('pouchdb').defaults({ prefix: `${folder}/` });
const app = require('express')();
app.use('/', require('express-pouchdb')(PouchDB, {
  mode: 'minimumForPouchDB',
  inMemoryConfig: true,
  logPath: '/dev/null',
}));
app.listen(Number(port), '127.0.0.1');
