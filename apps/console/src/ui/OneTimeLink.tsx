import { Button, CopyField } from '@stint/ui'

interface OneTimeLinkProps {
  readonly link: string
  readonly email: string
  readonly onClose: () => void
}

/** A link that lets one person in, shown this once. */
export function OneTimeLink({ link, email, onClose }: OneTimeLinkProps) {
  return (
    <div className="st-stack" data-st-modal="">
      <CopyField
        label="One-time link"
        description={`Send it to ${email} yourself, over a way only they read. It is shown this once and works once.`}
        value={link}
      />
      <div className="st-row" data-end>
        <Button onClick={onClose}>Done</Button>
      </div>
    </div>
  )
}
