/**
 * The issuer as main.ts composes it, except that it is killed with SIGKILL when an answer is about to leave:
 * `node killed-before-reply.ts FOLDER`.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { openFileKeyProvider } from '../src/file-key-provider.ts'
import { createIssuer } from '../src/issuer.ts'
import { listen } from '../src/listen.ts'
import { openIssuerStore } from '../src/store.ts'
import { startMs } from './test-issuer.ts'

const folder = process.argv[2] ?? ''
const store = openIssuerStore(join(folder, 'issuer.db'))
const keyProvider = openFileKeyProvider(join(folder, 'kek'))
const issuer = createIssuer({ store, keyProvider, clock: { now: () => startMs }, random: randomBytes })
await listen(
  join(folder, 'issuer.sock'),
  {
    async call(call) {
      const outcome = await issuer.call(call)
      if (outcome.ok && call.call.startsWith('answer.')) process.kill(process.pid, 'SIGKILL')
      return outcome
    },
  },
  () => undefined,
)
process.stdout.write('{"ready":true}\n')
