import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { numberUsers } from './user-slots.ts'

const user = (n: number) => ({ userId: `uid:${n}:u`, name: 'u' })

test('numbers are given once, in order, never again to another, and end at 13', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(30), { maxLength: 8 }), { maxLength: 12 }), (reports) => {
      const known: { user_id: string; slot: number | null }[] = []
      for (const report of reports) known.push(...numberUsers(known, report.map(user), 'd', 1))
      const slots = known.flatMap(({ slot }) => (slot === null ? [] : [slot]))
      assert.deepEqual(
        slots,
        Array.from({ length: Math.min(known.length, 14) }, (_, n) => n),
      )
      assert.equal(new Set(known.map(({ user_id }) => user_id)).size, known.length)
    }),
  )
})
