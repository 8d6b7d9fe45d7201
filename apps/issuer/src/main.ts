/**
 * The issuer as a process: `node main.ts --data DIR [--rotate-kek] [--socket PATH --group GID]`. Keeps everything in
 * `DIR/issuer` (mode 0700): `issuer.db`, the key file `kek`, and the socket `issuer.sock`. Writes one line
 * `{"ready":true}` when it answers.
 *
 * With `--socket` and `--group` the socket stands where the members of that group (by number) can open it, and the server
 * can be another account: one that may call, and cannot read a key.
 */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Fault } from '@stint/elevation'
import { addKek, makeKekFile, openFileKeyProvider } from './file-key-provider.ts'
import { createIssuer } from './issuer.ts'
import { listen } from './listen.ts'
import { isEmpty, openIssuerStore } from './store.ts'

const log = (line: string) => process.stderr.write(`issuer: ${line}\n`)

const options = {
  data: { type: 'string' },
  'rotate-kek': { type: 'boolean' },
  socket: { type: 'string' },
  group: { type: 'string' },
} as const

/** Both or neither: the folder of the keys stays closed, so a group could not reach a socket in it. */
function groupOf({ socket, group }: { readonly socket?: string; readonly group?: string }): number | null {
  if (socket === undefined && group === undefined) return null
  if (socket === undefined || group === undefined || !/^\d{1,9}$/.test(group))
    throw new Fault('usage', 'A socket and a group belong together', 'Give --socket PATH and --group GID.')
  return Number(group)
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.data === undefined) throw new Fault('usage', 'No data folder was given', 'Give --data DIR.')
  const group = groupOf(values)
  process.umask(0o077)
  const folder = join(values.data, 'issuer')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  const store = openIssuerStore(join(folder, 'issuer.db'))
  const kek = join(folder, 'kek')
  // Only beside an empty database: a lost key file must be restored, never replaced by one that opens nothing.
  if (isEmpty(store) && !existsSync(kek)) makeKekFile(kek)
  if (values['rotate-kek']) log(`wrapping under version ${addKek(kek)} of the key`)
  const keyProvider = openFileKeyProvider(kek)
  const issuer = createIssuer({ store, keyProvider, clock: { now: () => Date.now() }, random: randomBytes })
  await issuer.start()
  const listening = await listen(values.socket ?? join(folder, 'issuer.sock'), issuer, log, group)
  const stop = async () => {
    await listening.close()
    store.close()
    process.exit(0)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  process.stdout.write('{"ready":true}\n')
}

main().catch((error: unknown) => {
  if (error instanceof Fault) log(`${error.code}: ${error.message}. ${error.hint}`)
  else log(`failed: ${error instanceof Error ? error.message : 'for an unknown reason'}`)
  process.exitCode = error instanceof Fault && error.code === 'usage' ? 2 : 4
})
