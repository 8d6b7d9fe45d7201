import type { CallerCheck, Outcome } from '@stint/elevation'
import { Id, Strict } from '@stint/wire'
import { ApproveBody, CodeIssueBody, CodeIssued, DenyBody, RequestView } from '@stint/wire/console'
import type { Actor } from '../../actor.ts'
import { actorOf } from '../../http/access.ts'
import { found, granted } from '../../http/problem.ts'
import { type App, answers } from '../../http/server.ts'
import type { RequestViews } from '../../views/request-view.ts'
import type { SpokenCode, Terms } from './approvals.ts'

const IdParams = Strict({ id: Id })
/** The console takes a code off the screen after this. */
const HIDE_AFTER_SECONDS = 120

/** Decide, issue and carry back, as the flow names them. */
export interface Deciding {
  approve(actor: Actor, requestId: string, terms: Terms): Promise<Outcome<null>>
  deny(actor: Actor, requestId: string, note: string): Promise<Outcome<null>>
  speak(actor: Actor, requestId: string, terms: Terms, callerCheck: CallerCheck): Promise<Outcome<SpokenCode>>
}

export function approvalRoutes(app: App, flow: Deciding, views: RequestViews): void {
  app.post(
    '/requests/:id/approve',
    {
      config: { access: 'approve' },
      schema: { params: IdParams, body: ApproveBody, response: answers({ 200: RequestView }) },
    },
    async (request) => {
      const { id } = request.params
      granted(await flow.approve(actorOf(request), id, request.body))
      return found(await views.request(id))
    },
  )
  app.post(
    '/requests/:id/deny',
    {
      config: { access: 'approve' },
      schema: { params: IdParams, body: DenyBody, response: answers({ 200: RequestView }) },
    },
    async (request) => {
      const { id } = request.params
      granted(await flow.deny(actorOf(request), id, request.body.note))
      return found(await views.request(id))
    },
  )
  app.post(
    '/codes/issue',
    {
      config: { access: 'approve' },
      schema: { body: CodeIssueBody, response: answers({ 200: CodeIssued }) },
    },
    async (request) => {
      const { requestId, callerCheck, ...terms } = request.body
      const code = granted(await flow.speak(actorOf(request), requestId, terms, callerCheck))
      return { ...code, words: [...code.words], hideAfterSeconds: HIDE_AFTER_SECONDS }
    },
  )
}
