import { readFileSync, statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Bundle, type Known, readBundle, Stop } from './bundle.ts'
import { compare } from './compare.ts'
import { isHex, type Log } from './entries.ts'
import { Report } from './findings.ts'
import { Broken, type Key, readVkey, sha256, unzip, ZIP_LIMIT } from './formats.ts'
import { readJournal } from './journal.ts'
import { checkReceipt, readLedger } from './ledger.ts'

/**
 * Checks an evidence bundle by spec/evidence.md alone; shares no code with the product.
 *   node tools/verify/verify.ts BUNDLE [--trust-hash HEX] [--witness VKEY]… [--witnesses-wanted N] [--old-checkpoint FILE] [--json]
 * Exit 0: nothing contradicts, 1: findings, 2: wrong usage, 4: the input cannot be read.
 */

function verifyBundle(zip: Buffer, known: Known): Report {
  const report = new Report()
  try {
    const { bundle, logKeys } = readBundle(unzip(zip), known, report)
    checkLogs(bundle, logKeys, known, report)
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    report.skip('everything else', error.message)
  }
  return report
}

export function checkLogs(bundle: Bundle, logKeys: readonly Key[], known: Known, report: Report): void {
  const { device } = bundle
  const ledger = readLedger(bundle, logKeys, known, report)
  const journal: Log = { entries: [], isBroken: false }
  const seals = readJournal(bundle, journal, ledger, report)
  const receipts = bundle.names.filter((name) => name.startsWith('receipts/'))
  const hashes = new Set(receipts.map((name) => sha256(bundle.file(name))))
  for (const name of receipts) checkReceipt(bundle, name, { ledger, logKeys, known, seals }, report)
  compare({ device, journal, ledger, seals, receipts: hashes }, report)
}

const USAGE =
  'usage: verify BUNDLE [--trust-hash HEX] [--witness VKEY]… [--witnesses-wanted N] [--old-checkpoint FILE] [--json]'

function readCommand(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      'trust-hash': { type: 'string' },
      witness: { type: 'string', multiple: true, default: [] },
      'witnesses-wanted': { type: 'string' },
      'old-checkpoint': { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const [path, ...more] = positionals
  const witnesses = values.witness.map(readVkey).filter((key) => key?.kind === 4) as Key[]
  const names = new Set(witnesses.map(({ name }) => name)).size
  const wanted = values['witnesses-wanted'] ?? String(names)
  const trustHash = values['trust-hash']?.toLowerCase() ?? null
  if (path === undefined || more.length > 0) throw new Error('Name one bundle.')
  if (witnesses.length < values.witness.length)
    throw new Error('A --witness is no vkey of a witness (kind 0x04).')
  if (!/^\d{1,3}$/.test(wanted) || Number(wanted) > names)
    throw new Error('Name as many different witnesses as you want.')
  if (trustHash !== null && !isHex(trustHash, 32)) throw new Error('The --trust-hash has 64 hex digits.')
  return {
    path,
    trustHash,
    witnesses,
    witnessesWanted: Number(wanted),
    old: values['old-checkpoint'],
    json: values.json,
  }
}

function readInput(path: string, limit: number): Buffer {
  try {
    if (statSync(path).size <= limit) return readFileSync(path)
  } catch (error) {
    throw new Broken(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
  throw new Broken(`${path} is larger than ${limit} bytes`)
}

function main(args: string[]): number {
  let command: ReturnType<typeof readCommand>
  try {
    command = readCommand(args)
  } catch (error) {
    process.stderr.write(`verify: ${(error as Error).message}\n${USAGE}\n`)
    return 2
  }
  try {
    const { path, old, json, ...known } = command
    const oldCheckpoint = old === undefined ? null : readInput(old, 65_536).toString('utf8')
    const report = verifyBundle(readInput(path, ZIP_LIMIT), { ...known, oldCheckpoint })
    process.stdout.write(json ? report.json() : report.text())
    return report.findings.length === 0 ? 0 : 1
  } catch (error) {
    if (!(error instanceof Broken)) throw error
    process.stderr.write(`verify: ${error.message}\n`)
    return 4
  }
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2))
