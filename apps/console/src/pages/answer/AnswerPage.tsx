import { Button, CodeInput, EmptyState, PageHeader } from '@stint/ui'
import { IconPhoneCall, IconRefresh } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useMay } from '../../api/account.ts'
import { useIdentify, useResolve } from '../../api/requests.ts'
import { NotForYou } from '../../ui/NotForYou.tsx'
import { AnswerForm } from './AnswerForm.tsx'
import { IdentifiedComputer } from './IdentifiedComputer.tsx'
import { Resolution } from './Resolution.tsx'
import { completeCode, devicePrefix, echoRequest, requestGroups } from './request-shape.ts'

/** One telephone call: their code in, who it is, how you know, your code out. */
export function AnswerPage() {
  const may = useMay()
  const [call, setCall] = useState(0)
  if (!may('approve')) {
    return <NotForYou title="Answer a code" what="answer codes" />
  }
  return (
    <>
      <PageHeader
        title="Answer a code"
        about="Type what the caller reads. Nothing is given out before you say so."
        actions={
          <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={() => setCall(call + 1)}>
            Start over
          </Button>
        }
      />
      <OneCall key={call} onNext={() => setCall(call + 1)} />
    </>
  )
}

function OneCall({ onNext }: { readonly onNext: () => void }) {
  const [typed, setTyped] = useState('')
  const resolve = useResolve()
  const asked = useRef('')
  const whole = completeCode(typed)
  const identified = useIdentify(devicePrefix(typed))
  const { mutate, reset } = resolve
  useEffect(() => {
    if (whole === null) {
      if (asked.current !== '') reset()
      asked.current = ''
    } else if (asked.current !== whole) {
      asked.current = whole
      mutate({ text: whole })
    }
  }, [whole, mutate, reset])
  const request = whole === null ? null : (resolve.data?.request ?? null)
  return (
    <div className="c-answer">
      <div className="c-card c-answer-code">
        <CodeInput
          label="Request code"
          value={typed}
          onChange={setTyped}
          groups={requestGroups(typed)}
          echo={echoRequest}
          regroup
          autoFocus
        />
        <IdentifiedComputer prefix={devicePrefix(typed)} identified={identified} />
      </div>
      <Resolution
        typed={typed}
        resolve={resolve}
        onSuggestion={setTyped}
        onUserName={(userName) => whole !== null && mutate({ text: whole, userName })}
      />
      {request && <AnswerForm key={request.id} request={request} onNext={onNext} />}
      {resolve.isIdle && (
        <div className="c-answer-idle">
          <EmptyState icon={<IconPhoneCall size={22} />} title="The answer is made here">
            As soon as the code is complete you see who asks and on which computer. Then say how you know
            them, choose the time, and press Enter.
          </EmptyState>
        </div>
      )}
    </div>
  )
}
