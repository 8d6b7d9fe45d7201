import { createHash } from 'node:crypto'

/** Bytes that are the same in every run of a story and different from everybody else's. */
export function drawn(by: string): (length: number) => Uint8Array {
  let draws = 0
  return (length) => {
    const blocks = Array.from({ length: Math.ceil(length / 64) }, () =>
      createHash('sha512').update(`${by} ${draws++}`).digest(),
    )
    return Uint8Array.from(Buffer.concat(blocks).subarray(0, length))
  }
}
