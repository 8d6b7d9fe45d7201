import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { realPathOfFolder } from './paths.ts'

const lookupWithinMs = 5_000
/** `getent`: one or more keys could not be found. */
const notFound = 2

/** As the name service knows it. */
export function ownerUid(name: string): Promise<number | 'gone' | 'unreachable'> {
  return new Promise((resolve) => {
    const options = { timeout: lookupWithinMs, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' } }
    execFile('getent', ['passwd', '--', name], options, (error, stdout) => {
      if (error) resolve(error.code === notFound ? 'gone' : 'unreachable')
      else {
        const uid = Number(stdout.split(':')[2])
        resolve(Number.isInteger(uid) ? uid : 'unreachable')
      }
    })
  })
}

const dpkgLists = '/var/lib/dpkg/info'

/** Files of these packages, links in folders resolved; null where there is no package database to be read. */
export async function packageFiles(
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]> | null> {
  const lists = await readdir(dpkgLists).catch(() => null)
  if (lists === null) return null
  const found = new Map<string, readonly string[]>()
  for (const name of names) {
    const own = lists.filter((list) => isListOf(name, list))
    const texts = await Promise.all(own.map((list) => readFile(`${dpkgLists}/${list}`, 'utf8')))
    const paths = texts.flatMap((text) => text.split('\n')).filter((path) => path.startsWith('/'))
    found.set(name, await Promise.all(paths.map(realPathOfFolder)))
  }
  return found
}

/** `<package>.list`, or `<package>:<architecture>.list`. */
function isListOf(name: string, list: string): boolean {
  return list === `${name}.list` || (list.startsWith(`${name}:`) && list.endsWith('.list'))
}
