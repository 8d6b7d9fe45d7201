import { wrapAssociatedData } from '@stint/code'
import { signingKeyAssociatedData, tokenAssociatedData } from '@stint/code/at-rest'
import { epochOf } from './code-keys.ts'
import type { IssuerContext } from './context.ts'

interface WrappedRow {
  readonly kek_version: number
  readonly sealed: Uint8Array
}

/**
 * Wraps every secret that stands under another version of the KEK again under the one in force. Involves no
 * computer. Gives how many; stopping half-way leaves every row readable under one version or the other.
 */
export async function rewrap(context: IssuerContext): Promise<number> {
  const { store, keys, identity } = context
  const old = 'where sealed is not null and kek_version <> ?'
  const codeKeys = store.all<WrappedRow & { device_id: Uint8Array; epoch: number }>(
    `select device_id, epoch, kek_version, sealed from code_key ${old}`,
    keys.version,
  )
  for (const row of codeKeys) {
    const sealed = await again(context, row, wrapAssociatedData(epochOf(context, row)))
    store.run(
      'update code_key set kek_version = ?, sealed = ? where device_id = ? and epoch = ?',
      ...[keys.version, sealed, row.device_id, row.epoch],
    )
  }
  const tokens = store.all<WrappedRow & { token_id: Uint8Array }>(
    `select token_id, kek_version, sealed from enrollment_token ${old}`,
    keys.version,
  )
  for (const row of tokens) {
    const sealed = await again(context, row, tokenAssociatedData(identity.tenant, row.token_id))
    store.run(
      'update enrollment_token set kek_version = ?, sealed = ? where token_id = ?',
      ...[keys.version, sealed, row.token_id],
    )
  }
  const signing = store.all<WrappedRow & { kid: string }>(
    `select kid, kek_version, sealed from signing_key ${old}`,
    keys.version,
  )
  for (const row of signing) {
    const sealed = await again(context, row, signingKeyAssociatedData(identity.tenant, row.kid))
    store.run(
      'update signing_key set kek_version = ?, sealed = ? where kid = ?',
      ...[keys.version, sealed, row.kid],
    )
  }
  const count = codeKeys.length + tokens.length + signing.length
  if (count > 0) store.forgetDeleted()
  return count
}

async function again({ keys }: IssuerContext, row: WrappedRow, aad: Uint8Array): Promise<Uint8Array> {
  const plain = await keys.unwrap({ version: row.kek_version, sealed: row.sealed }, aad)
  const wrapped = await keys.wrap(plain, aad)
  plain.fill(0)
  return wrapped.sealed
}
