import { readFile } from 'node:fs/promises'
import type { ChangeKind, Clock, SnapshotOrder, SystemSnapshot } from '../../os.ts'
import type { Layout } from '../layout.ts'
import { sessionOfPolkitFile, sessionOfSudoersFile } from '../layout.ts'
import { describeKeys, readTree } from './config-files.ts'
import { homes, readAccounts, readAdministrators } from './people.ts'
import {
  keyFiles,
  notJobs,
  pamPlaces,
  polkitPlaces,
  scheduledPlaces,
  servicePlaces,
  sshPlaces,
  sudoersPlaces,
} from './places.ts'
import { readPrograms } from './programs.ts'
import { Reading } from './reading.ts'

export interface SnapshotGround {
  readonly clock: Clock
  readonly paths: Layout
}

/** A home on a server that does not answer must not hold anybody up. */
const settingsWithinMs = 5_000

type Reader = (reading: Reading, order: SnapshotOrder) => Promise<void>

export async function snapshot(ground: SnapshotGround, order: SnapshotOrder): Promise<SystemSnapshot> {
  if (order.part === 'programs') return readPrograms(order.sinceWallMs)
  const readers = settingsReaders(ground.paths)
  const kinds = Object.keys(readers) as (keyof typeof readers)[]
  return joined(await Promise.all(kinds.map((kind) => readKind(ground.clock, kind, readers[kind], order))))
}

/** One kind alone, for a re-read. */
export async function readAgain(ground: SnapshotGround, kind: ChangeKind): Promise<SystemSnapshot> {
  const order: SnapshotOrder = { part: 'settings', copies: [], sessions: [], sinceWallMs: null }
  const reader = (settingsReaders(ground.paths) as Partial<Record<ChangeKind, Reader>>)[kind]
  return reader ? readKind(ground.clock, kind, reader, order) : { items: [], unread: [] }
}

function settingsReaders(paths: Layout) {
  const isOwnRule = (path: string, { sessions }: SnapshotOrder): boolean => {
    const name = path.startsWith(`${paths.polkitRules}/`) ? path.slice(paths.polkitRules.length + 1) : ''
    return sessions.includes(sessionOfPolkitFile(paths, name)?.sessionId ?? '')
  }
  // Whoever was root could put rules beside ours, where sudo reads them too.
  const isOwnSudoersRule = (path: string, { sessions }: SnapshotOrder): boolean => {
    const name = path.startsWith(`${paths.sudoersDir}/`) ? path.slice(paths.sudoersDir.length + 1) : ''
    return sessions.includes(sessionOfSudoersFile(name)?.sessionId ?? '')
  }
  return {
    administrator: readAdministrators,
    account: readAccounts,
    'ssh-key': readKeys,
    sudoers: files([...sudoersPlaces, paths.sudoersDir], isOwnSudoersRule),
    polkit: files(polkitPlaces, isOwnRule),
    pam: files(pamPlaces),
    service: files(servicePlaces),
    'scheduled-job': files(scheduledPlaces, (path) => notJobs.test(path)),
    'kernel-module': readModules,
  } as const satisfies Partial<Record<ChangeKind, Reader>>
}

function files(
  places: readonly string[],
  skips: (path: string, order: SnapshotOrder) => boolean = () => false,
): Reader {
  return async (reading, order) => {
    const way = { copies: order.copies.includes(reading.kind), skip: (path: string) => skips(path, order) }
    await Promise.all(places.map((place) => readTree(reading, place, way)))
  }
}

const readKeys: Reader = async (reading, order) => {
  const way = { copies: order.copies.includes('ssh-key'), skip: () => false }
  for (const place of sshPlaces) await readTree(reading, place, way)
  for (const home of await homes(reading)) {
    for (const file of keyFiles)
      await readTree(reading, `${home}/${file}`, { ...way, describe: describeKeys })
  }
}

/** What the kernel has loaded, by name. A kernel without modules has no list. */
const readModules: Reader = async (reading) => {
  try {
    for (const line of (await readFile('/proc/modules', 'utf8')).split('\n')) {
      const name = line.split(' ')[0]
      if (name) reading.add(name, 'loaded')
    }
  } catch (error) {
    reading.missed('/proc/modules', error)
  }
}

async function readKind(
  clock: Clock,
  kind: ChangeKind,
  read: Reader,
  order: SnapshotOrder,
): Promise<SystemSnapshot> {
  const reading = new Reading(kind)
  let late: SystemSnapshot | undefined
  const alarm = { cancel: (): void => undefined }
  const tooLate = new Promise<void>((resolve) => {
    const { cancel } = clock.after(settingsWithinMs, () => {
      late = { items: [...reading.items], unread: [{ kind, why: `Not all could be read in time: ${kind}.` }] }
      resolve()
    })
    alarm.cancel = cancel
  })
  await Promise.race([read(reading, order).catch((error) => reading.missed(kind, error)), tooLate])
  alarm.cancel()
  return late ?? reading
}

function joined(parts: readonly SystemSnapshot[]): SystemSnapshot {
  return { items: parts.flatMap(({ items }) => items), unread: parts.flatMap(({ unread }) => unread) }
}
