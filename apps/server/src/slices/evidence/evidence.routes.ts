import type { Outcome } from '@stint/elevation'
import { JournalUpload, Receipt as WireReceipt } from '@stint/wire/device'
import { isoTime } from '../../clock.ts'
import { deviceOf } from '../../http/access.ts'
import { granted } from '../../http/problem.ts'
import { type App, answers } from '../../http/server.ts'
import type { Evidence, Receipt } from './evidence.ts'

/** 500 entries with long command lines; more comes in the next call. */
const UPLOAD_BYTES = 8 * 1024 * 1024

export function evidenceRoutes(
  app: App,
  upload: (...call: Parameters<Evidence['upload']>) => Promise<Outcome<Receipt>>,
): void {
  app.post(
    '/journal',
    {
      bodyLimit: UPLOAD_BYTES,
      config: { access: 'device' },
      schema: { body: JournalUpload, response: answers({ 200: WireReceipt }) },
    },
    async (request) => {
      const { upTo, leaf, atMs } = granted(await upload(deviceOf(request), request.body.entries))
      return { upTo, leaf, at: isoTime(atMs) }
    },
  )
}
