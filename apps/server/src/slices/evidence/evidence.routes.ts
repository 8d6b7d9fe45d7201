import type { Outcome } from '@stint/elevation'
import { JournalUpload, Receipt as WireReceipt } from '@stint/wire/device'
import { isoTime } from '../../clock.ts'
import { deviceOf } from '../../http/access.ts'
import { granted } from '../../http/problem.ts'
import { type App, answers } from '../../http/server.ts'
import type { Evidence, Receipt } from './evidence.ts'

/** Entries with long command lines, or one of a size that is not kept; more comes in the next call. */
const UPLOAD_BYTES = 16 * 1024 * 1024

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
      const { atMs, ...receipt } = granted(await upload(deviceOf(request), request.body))
      return { ...receipt, at: isoTime(atMs) }
    },
  )
}
