import { type Outcome, refused } from '@stint/elevation'
import type { IssuerStore } from './store.ts'

/** How many approvals are answered (protocol 4.5). Counted from the record, so a restart forgets nothing. */
export interface Quotas {
  readonly perApproverHour: number
  readonly perDeviceDay: number
  readonly perTenantHour: number
}

export const defaultQuotas: Quotas = { perApproverHour: 20, perDeviceDay: 10, perTenantHour: 300 }

const hour = 3_600_000
const day = 24 * hour

/**
 * Whether one more approval may be answered at `now` (ms). Rows from after `now` count too: a clock that was set
 * back gives nothing. Refusal `quota` with `limit` ('approver', 'device', 'tenant'), `count` and `remainingMs`.
 */
export function withinQuotas(
  store: IssuerStore,
  quotas: Quotas,
  who: { readonly approver: string; readonly deviceId: Uint8Array },
  now: number,
): Outcome<true> {
  const limits = [
    ['approver', quotas.perApproverHour, hour, 'approver = ? and', [who.approver]],
    ['device', quotas.perDeviceDay, day, 'device_id = ? and', [who.deviceId]],
    ['tenant', quotas.perTenantHour, hour, '', []],
  ] as const
  for (const [limit, count, window, where, values] of limits) {
    const rows = store.all<{ at: number }>(
      `select at from record where ${where} counted = 1 and at > ? order by at desc limit ?`,
      ...values,
      now - window,
      count,
    )
    const oldest = rows.at(-1)?.at ?? now
    if (rows.length >= count)
      return refused('quota', { details: { limit, count, remainingMs: Math.max(0, oldest + window - now) } })
  }
  return { ok: true, value: true }
}
