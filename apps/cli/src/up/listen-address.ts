import { createServer } from 'node:net'
import { type Attempt, failed, wrongUsage } from '../ending.ts'

export interface ListenAddress {
  readonly host: string
  readonly port: number
  /** `HOST:PORT` as it is written. */
  readonly text: string
}

/** Reads HOST:PORT and makes sure that it is free. Refusal `port-in-use`, or wrong usage. */
export async function freeAddress(text: string): Promise<Attempt<ListenAddress>> {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  if (host === undefined || port > 65_535 || port < 1)
    return wrongUsage('--listen takes HOST:PORT.', 'Such as --listen 127.0.0.1:8003.')
  const problem = await whyNotFree(host, port)
  if (problem === null) return { ok: true, value: { host, port, text } }
  if (problem === 'EADDRINUSE')
    return failed('refused', {
      code: 'port-in-use',
      message: `Something else listens on ${text} already.`,
      hint: `Stop it, or choose another port, such as --listen ${text.replace(/\d+$/, String(port + 1))}.`,
    })
  return failed('refused', {
    code: 'cannot-listen',
    message: `${text} cannot be listened on: ${problem}.`,
    hint: 'Choose an address of this computer, such as --listen 127.0.0.1:8003.',
  })
}

function whyNotFree(host: string, port: number): Promise<string | null> {
  const probe = createServer()
  return new Promise((resolve) => {
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(null)))
  })
}
