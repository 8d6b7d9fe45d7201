import { createHash, timingSafeEqual } from 'node:crypto'
import {
  type AgreedKey,
  type CodeKeys,
  confirmation,
  type DeviceEpoch,
  deriveCodeKeys,
  wrapAssociatedData,
} from '@stint/code'
import { hex, type IssuerContext } from './context.ts'
import type { Wrapped } from './key-provider.ts'
import type { CodeKeyState, KeyHolderState } from './schema.ts'

export interface DeviceRow {
  readonly device_id: Uint8Array
  readonly dev_no: number
  readonly token_id: Uint8Array
  readonly dik: Uint8Array
  readonly dxk: Uint8Array
  readonly state: KeyHolderState
  readonly policy_serial: number
  readonly policy_hash: Uint8Array | null
}

/** A code root key with what both sides said when it was agreed, so that a repeated hello gets the same answer. */
export interface CodeKeyRow {
  readonly device_id: Uint8Array
  readonly epoch: number
  readonly state: CodeKeyState
  readonly hello_hash: Uint8Array
  readonly e_s: Uint8Array
  readonly n_s: Uint8Array
  readonly confirm_s: Uint8Array
  readonly sig_s: Uint8Array
  readonly confirm_d_hash: Uint8Array
  readonly kek_version: number
  readonly sealed: Uint8Array
}

/** One side of an agreement as the issuer made it. */
export interface NewCodeKey {
  readonly device: DeviceEpoch
  readonly state: 'current' | 'pending'
  readonly helloHash: Uint8Array
  readonly eS: Uint8Array
  readonly nS: Uint8Array
  readonly confirmS: Uint8Array
  readonly sigS: Uint8Array
  readonly agreed: AgreedKey
  readonly wrapped: Wrapped
}

export function findDevice({ store }: IssuerContext, deviceId: Uint8Array): DeviceRow | undefined {
  return store.one<DeviceRow>('select * from device where device_id = ?', deviceId)
}

/** The keys in force: the current one, and the next one while a heal is not confirmed. Lowest epoch first. */
export function codeKeysOf({ store }: IssuerContext, deviceId: Uint8Array): CodeKeyRow[] {
  return store.all<CodeKeyRow>('select * from code_key where device_id = ? order by epoch', deviceId)
}

export function wrapCodeKey(
  context: IssuerContext,
  device: DeviceEpoch,
  agreed: AgreedKey,
): Promise<Wrapped> {
  return context.keys.wrap(agreed.crk, wrapAssociatedData(device))
}

/** Stores an agreed key, inside the caller's transaction. Of the computer's confirmation only a hash is kept. */
export function storeCodeKey({ store }: IssuerContext, key: NewCodeKey): void {
  store.run(
    `insert into code_key (device_id, epoch, state, hello_hash, e_s, n_s, confirm_s, sig_s,
       confirm_d_hash, kek_version, sealed) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[key.device.deviceId, key.device.epoch, key.state, key.helloHash, key.eS, key.nS],
    ...[key.confirmS, key.sigS],
    ...[sha256(confirmation(key.agreed, 'device')), key.wrapped.version, key.wrapped.sealed],
  )
}

/** Unwraps a code root key. The caller erases it. Throws `Fault('secret-unreadable')`. */
export function openCodeKey(context: IssuerContext, row: CodeKeyRow): Promise<Uint8Array> {
  const wrapped = { version: row.kek_version, sealed: row.sealed }
  return context.keys.unwrap(wrapped, wrapAssociatedData(epochOf(context, row)))
}

/** The sub-keys of a stored key. */
export async function deriveKeysOf(context: IssuerContext, row: CodeKeyRow): Promise<CodeKeys> {
  const crk = await openCodeKey(context, row)
  const keys = deriveCodeKeys(epochOf(context, row), crk)
  crk.fill(0)
  return keys
}

export function epochOf(
  { identity }: IssuerContext,
  { device_id, epoch }: Pick<CodeKeyRow, 'device_id' | 'epoch'>,
): DeviceEpoch {
  return { tenant: identity.tenant, deviceId: device_id, epoch }
}

/** Whether this is the confirmation that a computer holding the key must send. */
export function isConfirmedBy(row: CodeKeyRow, confirmD: Uint8Array): boolean {
  return timingSafeEqual(sha256(confirmD), row.confirm_d_hash)
}

/** The issuer's half of an agreement as it goes to the computer. */
export function replyOf(row: Pick<CodeKeyRow, 'e_s' | 'n_s' | 'confirm_s' | 'sig_s'>) {
  return { eS: hex(row.e_s), nS: hex(row.n_s), confirmS: hex(row.confirm_s), sigS: hex(row.sig_s) }
}

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
