import {
  type Completeness,
  completenessLabels,
  type DeviceState,
  deviceStateLabels,
  type RequestState,
  requestStateLabels,
  type SessionState,
  sessionStateLabels,
} from '@stint/elevation'
import { StatusBadge, type Tone } from './StatusBadge.tsx'

const requestTones: Record<RequestState, Tone> = {
  pending: 'wait',
  approved: 'good',
  denied: 'bad',
  withdrawn: 'off',
  expired: 'off',
  void: 'off',
}
const sessionTones: Record<SessionState, Tone> = { live: 'live', ended: 'off' }
const completenessTones: Record<Completeness, Tone> = {
  complete: 'good',
  incomplete: 'warn',
  'not-yet-reported': 'unknown',
}
const deviceTones: Record<DeviceState, Tone> = { enrolled: 'good', revoked: 'off', suspended: 'bad' }

interface BadgeOf<S> {
  readonly state: S
  readonly plain?: boolean
}

export function RequestStateBadge({ state, plain = true }: BadgeOf<RequestState>) {
  return (
    <StatusBadge tone={requestTones[state]} plain={plain}>
      {requestStateLabels[state]}
    </StatusBadge>
  )
}

export function SessionStateBadge({ state, plain = true }: BadgeOf<SessionState>) {
  return (
    <StatusBadge tone={sessionTones[state]} plain={plain}>
      {sessionStateLabels[state]}
    </StatusBadge>
  )
}

export function CompletenessBadge({ state, plain = true }: BadgeOf<Completeness>) {
  return (
    <StatusBadge tone={completenessTones[state]} plain={plain}>
      {completenessLabels[state]}
    </StatusBadge>
  )
}

/** An enrolled computer is told by whether it is online; the other two states matter more than that. */
export function DeviceStateBadge({
  state,
  online,
  plain = true,
}: BadgeOf<DeviceState> & { readonly online: boolean }) {
  if (state !== 'enrolled') {
    return (
      <StatusBadge tone={deviceTones[state]} plain={plain}>
        {deviceStateLabels[state]}
      </StatusBadge>
    )
  }
  return (
    <StatusBadge tone={online ? 'good' : 'off'} plain={plain}>
      {online ? 'Online' : 'Offline'}
    </StatusBadge>
  )
}
