import { weaknesses } from '@stint/elevation'
import { broken, type Finding, good, unseen } from './finding.ts'
import type { System } from './system.ts'

export interface SudoReading {
  /** What `sudo -V` says; null without sudo. */
  readonly version: string | null
  /** What `visudo -c` says; null for others than root. */
  readonly checked: string | null
  /** /etc/sudoers; null for others than root. */
  readonly sudoers: string | null
}

export async function readSudo(system: System): Promise<SudoReading> {
  const version = await system.run('sudo', ['-V'])
  const checked = system.isRoot ? await system.run('visudo', ['-c']) : null
  return {
    version: version?.text ?? null,
    checked: checked?.text ?? null,
    sudoers: system.text('/etc/sudoers'),
  }
}

const noRights = 'Nobody can be given rights on this computer.'

export function judgeSudo(reading: SudoReading): readonly Finding[] {
  return [judgeVersion(reading), judgeFolder(reading)]
}

function judgeVersion({ version }: SudoReading): Finding {
  if (version === null)
    return broken('sudo', 'sudo is not installed.', noRights, 'Install sudo 1.8.20 or newer.')
  if (/^sudo-rs\b/m.test(version))
    return broken(
      'sudo',
      `sudo-rs is installed. ${weaknesses['no-timed-sudo']}`,
      noRights,
      'Install the original sudo; where both are there, choose it with `update-alternatives --config sudo`.',
    )
  const [text = '', major = '0', minor = '0', patch = '0'] =
    /Sudo version (\d+)\.(\d+)(?:\.(\d+))?\S*/.exec(version) ?? []
  const number = Number(major) * 1e6 + Number(minor) * 1e3 + Number(patch)
  if (text === '')
    return broken('sudo', 'This sudo does not say its version.', noRights, 'Install sudo 1.8.20 or newer.')
  return number >= 1_008_020
    ? good('sudo', `${text.replace('Sudo version', 'sudo')} ends rights by itself.`)
    : broken(
        'sudo',
        `${text.replace('Sudo version', 'sudo')} is too old. ${weaknesses['no-timed-sudo']}`,
        noRights,
        'Install sudo 1.8.20 or newer.',
      )
}

const includes = /^[@#]includedir\s+\/etc\/sudoers\.d\/?\s*$/m

function judgeFolder({ checked, sudoers }: SudoReading): Finding {
  if (sudoers === null)
    return unseen('sudo rules', 'Whether sudo reads its folder of rules was not looked at.')
  if (!includes.test(sudoers) && !(checked ?? '').includes('/etc/sudoers.d/'))
    return broken(
      'sudo rules',
      'sudo does not read /etc/sudoers.d.',
      noRights,
      'Add the line "@includedir /etc/sudoers.d" to /etc/sudoers with visudo.',
    )
  const mistake = (checked ?? '')
    .split('\n')
    .find((line) => /syntax error|bad permissions|is owned by/.test(line))
  return mistake === undefined
    ? good('sudo rules', 'sudo reads /etc/sudoers.d.')
    : broken(
        'sudo rules',
        `A rule of sudo has a mistake: ${mistake.trim()}`,
        'sudo passes over files with mistakes; rights that are given may have no effect.',
        'See `sudo visudo -c`, and correct that file.',
      )
}
