import { generateKeyPairSync, sign } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import {
  type Checkpoint,
  cosign,
  readContinuation,
  type VerifierKey,
  verifierKey,
  verifyContinues,
  verifyLedgerCheckpoint,
} from '@stint/chain'

/** A witness as C2SP tlog-witness describes it, that keeps what it saw in memory and believes nothing. */
export class TestWitness {
  readonly key: VerifierKey
  url = ''
  seen: Checkpoint | null = null
  /** Status of each answer. */
  readonly answered: number[] = []
  readonly #pair = generateKeyPairSync('ed25519')
  readonly #server: Server
  #logKey: VerifierKey | null = null

  constructor(name: string) {
    const { x } = this.#pair.publicKey.export({ format: 'jwk' })
    this.key = verifierKey(name, Buffer.from(x ?? '', 'base64url'), 'cosignature')
    this.#server = createServer((request, reply) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const known = request.url === '/add-checkpoint'
        const answer = known ? this.#take(Buffer.concat(chunks).toString()) : { status: 404, body: '' }
        this.answered.push(answer.status)
        reply.writeHead(answer.status).end(answer.body)
      })
    })
  }

  trusts(logKey: VerifierKey): void {
    this.#logKey = logKey
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const address = this.#server.address()
    this.url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  }

  close(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  #take(text: string): { status: number; body: string } {
    const { oldSize, proof, checkpoint } = readContinuation(text)
    const logKey = this.#logKey
    if (logKey === null) return { status: 403, body: '' }
    const later = verifyLedgerCheckpoint(checkpoint, { origin: logKey.name, logKeys: [logKey] })
    const earlier = this.seen
    if (oldSize !== (earlier?.size ?? 0)) return { status: 409, body: `${earlier?.size ?? 0}\n` }
    try {
      if (earlier !== null) verifyContinues(earlier, later, proof)
    } catch {
      return { status: 422, body: '' }
    }
    this.seen = later
    const signer = {
      key: this.key,
      sign: (bytes: Uint8Array) => sign(null, bytes, this.#pair.privateKey),
    }
    return { status: 200, body: cosign(checkpoint, signer, 1_800_000_000) }
  }
}
