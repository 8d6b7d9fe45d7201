import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createPasswords } from './password.ts'

const random = (bytes: number) => randomBytes(bytes)
const cheap = createPasswords(random, 1024)

test('a hash says how it was made, and two of one password differ', async () => {
  const [one, other] = [await cheap.hash('a few plain words'), await cheap.hash('a few plain words')]
  assert.match(one, /^\$argon2id\$v=19\$m=1024,t=3,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  assert.notEqual(one, other)
})

test('unless told otherwise it takes 64 MiB', async () => {
  assert.match(await createPasswords(random).hash('x'), /m=65536,t=3,p=1/)
})

test('the right password fits, also after the cost was changed; a wrong one and none at all do not', async () => {
  const stored = await createPasswords(random, 2048).hash('a few plain words')
  assert.equal(await cheap.verify('a few plain words', stored), true)
  assert.equal(await cheap.verify('a few plain word', stored), false)
  assert.equal(await cheap.verify('', null), false)
})
