import { findingTexts } from '@stint/elevation'
import { Panel, RelativeTime } from '@stint/ui'
import { Link } from '@tanstack/react-router'
import { useFindings } from '../../api/findings.ts'

const SHOWN = 4

/** What does not fit in the evidence and nobody has looked into; nothing at all when there is none. */
export function OpenFindings({ count }: { readonly count: number }) {
  const { items = [] } = useFindings({ state: 'open' })
  if (count === 0 || items.length === 0) return null
  return (
    <Panel
      title="Open findings"
      actions={
        <Link to="/findings" className="st-small">
          {count > SHOWN ? `All ${count}` : 'Findings'}
        </Link>
      }
      flush
    >
      <ul className="c-list">
        {items.slice(0, SHOWN).map(({ id, code, word, device, foundAt }) => (
          <li key={id}>
            <div className="st-two">
              <Link to="/findings" search={{ open: id }} className="st-row-link">
                {findingTexts[word].title}
              </Link>
              <span>
                {code}, {device.name}
              </span>
            </div>
            <span className="st-small st-faint">
              <RelativeTime at={foundAt} quiet />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
