import { Button, Panel, RelativeTime, toast, useNow } from '@stint/ui'
import { asProblem } from '../../api/client.ts'
import { useEnrollmentTokens, useRevokeEnrollmentToken } from '../../api/devices.ts'

/** Enrolment commands that still work; nothing when there are none. */
export function OpenTokens() {
  const { items = [] } = useEnrollmentTokens()
  const revoke = useRevokeEnrollmentToken()
  const now = useNow(30_000)
  const open = items.filter(
    (token) => token.revokedAt === null && token.used < token.uses && Date.parse(token.expiresAt) > now,
  )
  if (open.length === 0) return null
  return (
    <Panel title="Enrolment commands that still work" about="Whoever has one can connect a computer." flush>
      <ul className="c-list">
        {open.map((token) => (
          <li key={token.id}>
            <div className="st-two c-grow">
              <span>Made by {token.createdBy}</span>
              <span>
                {token.used} of {token.uses} used, runs out <RelativeTime at={token.expiresAt} />
              </span>
            </div>
            <Button
              variant="default"
              size="xs"
              loading={revoke.isPending && revoke.variables === token.id}
              onClick={() =>
                revoke.mutate(token.id, {
                  onSuccess: () => toast.done('Revoked', 'That command no longer works.'),
                  onError: (error) => toast.trouble(describe(error)),
                })
              }
            >
              Revoke
            </Button>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function describe(error: unknown) {
  const { code, message, hint } = asProblem(error)
  return { code, message, hint }
}
