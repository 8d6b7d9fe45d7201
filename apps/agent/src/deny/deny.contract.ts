/** What every denier must do. Runs against the fake always and against the real system where it may. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { ProgramPolicy, ProgramRule } from '@stint/elevation'
import type { DeniedStart, Denier, DenyListener, UntoldDenials } from './deny.ts'

export interface DenierWorld {
  readonly denier: Denier
  readonly uid: number
  readonly otherUid: number
  /** Two programs that differ, as paths without links. */
  readonly program: string
  readonly otherProgram: string
  /** Does the program start, with raised rights of this person? */
  startsElevated(uid: number, program: string): Promise<boolean>
  /** As the person himself. */
  startsPlainly(uid: number, program: string): Promise<boolean>
  close(): Promise<void>
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a suite of tests that share one computer
export function denierContract(
  name: string,
  makeWorld: () => Promise<DenierWorld>,
  skip: string | false = false,
): void {
  // biome-ignore lint/complexity/noExcessiveLinesPerFunction: as above
  describe(`the denier: ${name}`, { skip }, () => {
    let world: DenierWorld
    let facts: (DeniedStart | UntoldDenials)[]
    let listener: DenyListener
    before(async () => {
      world = await makeWorld()
    })
    beforeEach(() => {
      facts = []
      listener = {
        onDenied: (fact) => facts.push(fact),
        onLost: (why) => assert.fail(why),
      }
    })
    after(async () => {
      await world?.close()
    })
    const rule = (effect: ProgramRule['effect'], path: string): ProgramRule => {
      return { id: `${effect}.one`, effect, match: { path }, note: 'Ask the desk.' }
    }
    const arm = (
      rules: readonly ProgramRule[],
      uid = world.uid,
      otherwise: ProgramPolicy['otherwise'] = 'allow',
    ) => world.denier.arm({ uid, sessionId: `s-${uid}`, policy: { otherwise, rules } }, listener)

    test('denying is available here', async () => {
      assert.equal((await world.denier.available()).available, true)
    })

    test('GATE-13: a denied program does not start, and who tried what by which rule is told', async () => {
      const denying = await arm([rule('deny', world.program), rule('allow', '/**')])
      assert.equal(await world.startsElevated(world.uid, world.program), false)
      assert.equal(await world.startsElevated(world.uid, world.otherProgram), true)
      await denying.stop()
      const [first] = facts
      assert.ok(first?.kind === 'denied')
      assert.deepEqual(
        [first.how, first.uid, first.effectiveUid, first.program, first.rule, first.note],
        ['start', world.uid, 0, world.program, 'deny.one', 'Ask the desk.'],
      )
      assert.equal(first.argv[0]?.split('/').at(-1), world.program.split('/').at(-1))
      assert.ok(facts.every((fact) => fact.kind === 'denied' && fact.program === world.program))
    })

    test('neither the person without raised rights nor anybody else is denied anything', async () => {
      const denying = await arm([rule('deny', world.program)])
      assert.equal(await world.startsPlainly(world.uid, world.program), true)
      assert.equal(await world.startsElevated(world.otherUid, world.program), true)
      await denying.stop()
      assert.deepEqual(facts, [])
    })

    test('after the stop, and before the start, everything starts', async () => {
      assert.equal(await world.startsElevated(world.uid, world.program), true)
      const denying = await arm([rule('deny', world.program)])
      await denying.stop()
      await denying.stop()
      assert.equal(await world.startsElevated(world.uid, world.program), true)
    })

    test('where nothing is allowed that no rule allows, the rest does not start, and no rule is named', async () => {
      const denying = await arm([rule('allow', world.otherProgram)], world.uid, 'deny')
      assert.equal(await world.startsElevated(world.uid, world.program), false)
      assert.equal(await world.startsElevated(world.uid, world.otherProgram), true)
      await denying.stop()
      assert.deepEqual(facts.map((fact) => fact.kind === 'denied' && fact.rule)[0], null)
    })

    test('other rules are in force once the update resolves', async () => {
      const denying = await arm([rule('deny', world.program)])
      await denying.update({ otherwise: 'allow', rules: [rule('deny', world.otherProgram)] })
      assert.equal(await world.startsElevated(world.uid, world.program), true)
      assert.equal(await world.startsElevated(world.uid, world.otherProgram), false)
      await denying.stop()
      assert.match(denying.text, /1 rule/)
    })

    test('two people at once are kept apart, and one can stop first', async () => {
      const mine = await arm([rule('deny', world.program)])
      const theirs = await arm([rule('deny', world.otherProgram)], world.otherUid)
      assert.equal(await world.startsElevated(world.otherUid, world.program), true)
      await mine.stop()
      assert.equal(await world.startsElevated(world.uid, world.program), true)
      assert.equal(await world.startsElevated(world.otherUid, world.otherProgram), false)
      await theirs.stop()
    })

    test('rules with a mistake are not armed: mistaken-rules', async () => {
      await assert.rejects(arm([{ ...rule('deny', 'not absolute') }]), { code: 'mistaken-rules' })
      assert.equal(await world.startsElevated(world.uid, world.program), true)
    })
  })
}
