import { type Outcome, refused } from '@stint/elevation'
import type { IssuerResults } from '@stint/wire/issuer'
import { findDevice } from './code-keys.ts'
import { bytes, type IssuerContext } from './context.ts'
import { append } from './record.ts'

/** Erases a computer's code keys for ever; its number is never given again. Repeating it is harmless. */
export async function revokeDevice(
  context: IssuerContext,
  call: { readonly deviceId: string },
): Promise<Outcome<IssuerResults['device.revoke']>> {
  const deviceId = bytes(call.deviceId)
  const device = findDevice(context, deviceId)
  if (device === undefined) return refused('unknown-device')
  if (device.state === 'revoked') return { ok: true, value: {} }
  const { store } = context
  const now = context.now()
  store.transaction(() => {
    append(store, now, { call: 'device.revoke', deviceId, body: {} })
    store.run(`update device set state = 'revoked', changed_at = ? where device_id = ?`, now, deviceId)
    store.run('delete from code_key where device_id = ?', deviceId)
  })
  store.forgetDeleted()
  return { ok: true, value: {} }
}
