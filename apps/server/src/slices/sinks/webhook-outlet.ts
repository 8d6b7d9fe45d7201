import { createHash, createHmac } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import { postJson } from './http-post.ts'
import type { Outlet } from './outlet.ts'
import type { HttpTarget } from './targets.ts'

/**
 * Posts `{"type": "stint.facts", "facts": […]}`, signed as Standard Webhooks 1.0 says. `key` is base64. The id is made
 * from the content: the same facts sent again have the same. `authorization` is the value of that header, or null.
 */
export function createWebhookOutlet(
  { url, ca }: HttpTarget,
  key: string,
  authorization: string | null,
  clock: Clock,
): Outlet {
  return {
    async send(facts, signal) {
      const body = Buffer.from(JSON.stringify({ type: 'stint.facts', facts }))
      const id = `msg_${createHash('sha256').update(body).digest('hex').slice(0, 32)}`
      const timestamp = String(Math.floor(clock.now() / 1000))
      const mac = createHmac('sha256', Buffer.from(key, 'base64'))
      const signature = mac.update(`${id}.${timestamp}.`).update(body).digest('base64')
      const headers = {
        ...(authorization === null ? {} : { authorization }),
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`,
      }
      await postJson({ url, ca, headers, body }, signal)
    },
  }
}
