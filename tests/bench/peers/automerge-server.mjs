// Automerge's server, as its package starts it. Called with a port and a folder.

import { createRequire } from 'node:module';

const require = createRequire(`${process.env.PEER}/package.json`);
[process.env.PORT, process.env.DATA_DIR] = process.argv.slice(2);
await import(require.resolve('@automerge/automerge-repo-sync-server'));
