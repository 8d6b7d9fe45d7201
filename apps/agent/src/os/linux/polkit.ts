import type { RaiseOrder } from '../os.ts'
import type { Layout } from './layout.ts'

/**
 * The rule of one session. polkit knows people by name only, so the name is resolved when the rule is written.
 * Two ends: the wall clock here, and the gate, which knows the time since boot and that the session still stands.
 */
export function polkitRule(paths: Layout, order: RaiseOrder, userName: string): string {
  return `// ${paths.name} session ${order.sessionId}. Ends by itself; removed when the session ends.
polkit.addRule(function (action, subject) {
  if (subject.user !== ${JSON.stringify(userName)} || Date.now() >= ${Math.floor(order.endsAtWallMs)}) return;
  try { polkit.spawn([${JSON.stringify(paths.gateHelper)}, "${order.uid}"]); } catch (closed) { return; }
  return polkit.Result.YES;
});
`
}
