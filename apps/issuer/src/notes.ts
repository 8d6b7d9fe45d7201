import { signCheckpoint as checkpointNote, ledgerOrigin, signNote } from '@stint/chain'
import { type Outcome, refused } from '@stint/elevation'
import type { IssuerCall, IssuerResults } from '@stint/wire/issuer'
import { sha256 } from './code-keys.ts'
import { bytes, hex, type IssuerContext } from './context.ts'
import { append } from './record.ts'
import { noteSigner } from './signatures.ts'

type Checkpoint = Extract<IssuerCall, { call: 'sign.checkpoint' }>
type Export = Extract<IssuerCall, { call: 'sign.export' }>

interface CheckpointRow {
  readonly size: number
  readonly root: Uint8Array
}

/**
 * Signs the server's ledger at one size; what was signed is durable before the note leaves. The same size and root again
 * give the same note. Refusals: `invalid` for another log than this tenant's ledger; `conflict` with `lastSize` for a
 * size below the largest, or for another root of it: then the ledger was set back or rewritten.
 */
export async function signCheckpoint(
  context: IssuerContext,
  { origin, size, root }: Checkpoint,
): Promise<Outcome<IssuerResults['sign.checkpoint']>> {
  const { store, identity, now } = context
  if (origin !== ledgerOrigin(hex(identity.tenant))) return refused('invalid')
  const signer = await noteSigner(context, origin)
  const taken = store.transaction(() => {
    const last = store.one<CheckpointRow>('select size, root from checkpoint order by size desc limit 1')
    if (last?.size === size && hex(last.root) === root) return true
    if (last !== undefined && size <= last.size) return last.size
    store.run('insert into checkpoint (size, root, at) values (?, ?, ?)', size, bytes(root), now())
    return true
  })
  if (taken !== true) return refused('conflict', { details: { size, lastSize: taken } })
  return { ok: true, value: { note: checkpointNote({ origin, size, root }, [signer]) } }
}

/** Name, hash and nothing else, sorted by the bytes of the name. */
const manifestLine = /^[0-9a-f]{64} {2}[!-~]{1,200}$/

/**
 * Signs the manifest of an evidence bundle under a name of its own, so that it never passes for a checkpoint. Recorded.
 * Refusal `invalid` for a text that is no manifest of this tenant.
 */
export async function signExport(
  context: IssuerContext,
  { text }: Export,
): Promise<Outcome<IssuerResults['sign.export']>> {
  const { store, identity, now } = context
  const name = `stint/${hex(identity.tenant)}/export`
  const [first, second, ...lines] = text.split('\n')
  const end = lines.pop()
  const isManifest =
    first === name &&
    second === 'stint evidence bundle v1' &&
    end === '' &&
    lines.every((line) => manifestLine.test(line))
  if (!isManifest || lines.length === 0) return refused('invalid')
  const signer = await noteSigner(context, name)
  const body = { contentHash: hex(sha256(Buffer.from(text))), files: lines.length }
  store.transaction(() => append(store, now(), { call: 'sign.export', body }))
  return { ok: true, value: { note: signNote(text, [signer]) } }
}
