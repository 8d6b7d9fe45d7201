import type { ReportName } from '@stint/elevation'
import { computers } from './computers.tsx'
import { denied } from './denied.tsx'
import { effectivePolicy } from './effective-policy.tsx'
import type { ReportKind } from './kind.ts'
import { processes } from './processes.tsx'
import { programs } from './programs.tsx'
import { requests } from './requests.tsx'
import { usage } from './usage.tsx'

export const reportKinds: { readonly [N in ReportName]: ReportKind<N> } = {
  usage,
  processes,
  requests,
  programs,
  denied,
  'effective-policy': effectivePolicy,
  computers,
}
