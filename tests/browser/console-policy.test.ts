import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import type { ProgramRule } from '@stint/elevation'
import type { Browser } from 'playwright-core'
import { makeMe } from '../../apps/console/test/fake-api/world.ts'
import { focusedName, missingBrowser, openConsoleBrowser, setConsoleStage } from './console-stage.ts'

const scanners: ProgramRule = {
  id: 'no-scanners',
  effect: 'deny',
  match: { path: '/usr/bin/nmap' },
  note: 'Ask the network team.',
}

describe('the policy’s programs, secrets and what is put back', { skip: missingBrowser() }, () => {
  let browser: Browser
  before(async () => {
    browser = await openConsoleBrowser()
  })
  after(() => browser?.close())

  /** The policy page, with one rule unless told, and how to save it. */
  async function policyFor(test: TestContext, rules: readonly ProgramRule[] = [scanners]) {
    const stage = await setConsoleStage(browser)
    test.after(async () => {
      await stage.close()
      assert.deepEqual(stage.complaints, [])
    })
    stage.world.settings.programs = { otherwise: 'allow', rules }
    await stage.open('/policy')
    const save = async () => {
      await stage.page.getByRole('button', { name: 'Save changes' }).click()
      await stage.page.getByText('Computers take the new policy').waitFor()
    }
    return { ...stage, save, rule: (name: string) => stage.page.locator('.c-rule', { hasText: name }) }
  }

  it('adds a deny rule by keyboard, saves it, and shows it again after a reload', async (test) => {
    const { page, world, save, rule } = await policyFor(test, [])
    await page.getByText('No rules.').waitFor()
    await page.getByRole('button', { name: 'Add a rule' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.waitForFunction("document.activeElement.closest('[role=dialog] form')")
    assert.match(await focusedName(page), /^Name/)
    await page.keyboard.type('no-shells')
    await page.keyboard.press('Tab')
    await page.keyboard.type('/usr/bin/*sh')
    await page.getByLabel('Note to the user').fill('Ask for the program itself.')
    await page.getByLabel('Package').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await rule('no-shells').getByText('New').waitFor()
    assert.deepEqual(world.settings.programs.rules, [], 'nothing is saved by the dialog')
    await save()
    assert.deepEqual(world.settings.programs.rules, [
      {
        id: 'no-shells',
        effect: 'deny',
        match: { path: '/usr/bin/*sh' },
        note: 'Ask for the program itself.',
      },
    ])
    await page.reload()
    await rule('no-shells').getByText('/usr/bin/*sh').waitFor()
  })

  it('says at each field what is wrong with a rule, and takes none like that', async (test) => {
    const { page } = await policyFor(test)
    await page.getByRole('button', { name: 'Add a rule' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Add the rule' }).click()
    await dialog.getByText('A rule is called by 1 to 64').waitFor()
    await dialog.getByText('Say which programs').waitFor()
    await dialog.getByLabel('Name').fill('no-scanners')
    await dialog.getByText('Another rule has this name already.').waitFor()
    await dialog.getByLabel('Path').fill('nmap')
    await dialog.getByText('A path begins with a slash.').waitFor()
    await dialog.getByLabel('Content hash').fill('ABC')
    await dialog.getByText('64 lower-case hexadecimal digits').waitFor()
    await dialog.getByRole('button', { name: 'Add the rule' }).click()
    assert.equal(await dialog.isVisible(), true)
    assert.equal(await page.locator('.c-rule').count(), 1)
  })

  it('changes a rule, and says so until it is saved', async (test) => {
    const { page, world, save, rule } = await policyFor(test)
    await page.getByRole('button', { name: 'Edit no-scanners' }).click()
    await page.getByRole('dialog').getByLabel('Path').fill('/usr/bin/{n,z}map')
    await page.getByRole('dialog').getByRole('button', { name: 'Change the rule' }).click()
    await rule('no-scanners').getByText('Changed').waitFor()
    await page.getByText('1 unsaved change', { exact: true }).waitFor()
    await save()
    assert.equal(world.settings.programs.rules[0]?.match.path, '/usr/bin/{n,z}map')
  })

  it('keeps a removed rule in sight until it is saved, to put it back', async (test) => {
    const { page, world, save, rule } = await policyFor(test)
    await page.getByRole('button', { name: 'Remove no-scanners' }).click()
    await rule('no-scanners').getByText('Removed when you save').waitFor()
    await page.getByRole('button', { name: 'Put back no-scanners' }).click()
    await page.getByRole('region', { name: 'Unsaved changes' }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Remove no-scanners' }).click()
    await save()
    assert.deepEqual(world.settings.programs.rules, [])
    await rule('no-scanners').waitFor({ state: 'detached' })
  })

  it('warns where nothing is left that may start', async (test) => {
    const { page, world, save } = await policyFor(test)
    await page.getByText('Do not start', { exact: true }).click()
    await page.getByText('No program can start with raised rights').waitFor()
    await save()
    assert.equal(world.settings.programs.otherwise, 'deny')
  })

  it('puts my rule on top of one that somebody else saved meanwhile, and loses neither', async (test) => {
    const { page, world, save } = await policyFor(test)
    await page.getByRole('button', { name: 'Add a rule' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('mine')
    await dialog.getByLabel('Package').fill('wireshark')
    await dialog.getByRole('button', { name: 'Add the rule' }).click()
    const theirs: ProgramRule = { id: 'theirs', effect: 'deny', match: { owner: 'games' }, note: '' }
    const programs = { otherwise: 'allow' as const, rules: [theirs] }
    world.settings = { ...world.settings, version: 5, programs, changedBy: 'Aisha Rahman' }
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('Aisha Rahman changed the policy while you were at it').waitFor()
    await page.getByText('You changed the same: Rules for programs.').waitFor()
    assert.deepEqual(world.settings.programs.rules, [theirs])
    await page.getByRole('button', { name: 'Put mine on top' }).click()
    await save()
    assert.deepEqual(
      world.settings.programs.rules.map(({ id }) => id),
      ['theirs', 'mine'],
    )
  })

  it('adds a pattern with Enter without saving, refuses a wrong one, and shows what it hides', async (test) => {
    const { page, world, save } = await policyFor(test)
    const field = page.getByLabel('Another pattern')
    await field.fill('--pin')
    await field.press('Enter')
    await page.getByText('Write {secret} where the secret stands.').waitFor()
    await field.fill('--token {secret}')
    await page.getByText('This pattern stands in the list already.').waitFor()
    const line = page.getByLabel('Try it')
    const tried = page.getByRole('status', { name: 'What would be recorded' })
    await line.fill('unlock --pin=4711 | tee --token "a b"')
    await tried.getByText('unlock --pin=4711').waitFor()
    await tried.getByText('1 secret would be hidden.').waitFor()
    await field.fill('--pin={secret}')
    await field.press('Enter')
    await tried.getByText('2 secrets would be hidden.').waitFor()
    assert.equal((await tried.innerText()).includes('4711'), false)
    assert.equal(world.settings.redact.includes('--pin={secret}'), false)
    await save()
    assert.equal(world.settings.redact.at(-1), '--pin={secret}')
  })

  it('removes a pattern, and puts it back', async (test) => {
    const { page } = await policyFor(test)
    await page.getByLabel('Try it').fill('x --token abc')
    await page.getByText('1 secret would be hidden.').waitFor()
    await page.getByRole('button', { name: 'Remove --token {secret}' }).click()
    await page.getByText('No pattern fits: all of it would be recorded.').waitFor()
    await page.getByRole('button', { name: 'Put back --token {secret}' }).click()
    await page.getByText('1 secret would be hidden.').waitFor()
    assert.equal(await page.getByRole('region', { name: 'Unsaved changes' }).count(), 0)
  })

  it('puts nothing back after a session unless it is ticked', async (test) => {
    const { page, world, save } = await policyFor(test)
    const boxes = page.getByRole('list', { name: 'Kinds of change' }).getByRole('checkbox')
    assert.equal(await boxes.count(), 11)
    for (const box of await boxes.all()) assert.equal(await box.isChecked(), false)
    assert.equal(await page.getByLabel('Kernel modules').isDisabled(), true)
    await page.getByLabel('Rules of sudo').check()
    await page.getByLabel('SSH keys').check()
    await page.getByText('2 unsaved changes').waitFor()
    await save()
    assert.deepEqual(world.settings.undo, ['ssh-key', 'sudoers'])
  })

  it('says what the server finds wrong, at its list', async (test) => {
    const { page, world } = await policyFor(test)
    await page.getByLabel('Grace').fill('90')
    world.failNext = {
      method: 'PUT',
      path: '/settings',
      status: 400,
      code: 'invalid',
      title: 'Something in that input is not right.',
      hint: 'These settings take 60000 bytes.',
      fields: { programs: 'These settings take 60000 bytes.' },
    }
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.locator('#programs').getByText('These settings take 60000 bytes.').waitFor()
    assert.equal(world.settings.graceSeconds, 60)
  })

  it('lets a viewer read it all and change nothing', async (test) => {
    const { page, world, open } = await policyFor(test)
    world.me = makeMe('viewer', ['see'])
    await open('/policy')
    assert.equal(await page.getByRole('button', { name: 'Add a rule' }).isDisabled(), true)
    assert.equal(await page.getByRole('button', { name: 'Edit no-scanners' }).isDisabled(), true)
    assert.equal(await page.getByLabel('SSH keys').isDisabled(), true)
    assert.equal(await page.getByLabel('Another pattern').count(), 0)
    await page.getByLabel('Try it').fill('x --token abc')
    await page.getByText('1 secret would be hidden.').waitFor()
  })
})
