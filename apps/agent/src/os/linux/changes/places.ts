/** Where each kind of setting lies on Linux. Folders are read with everything below them. */
export const sudoersPlaces = [
  '/etc/sudoers',
  '/etc/sudoers.d',
  '/usr/local/etc/sudoers',
  '/usr/local/etc/sudoers.d',
]

export const polkitPlaces = [
  '/etc/polkit-1',
  '/run/polkit-1',
  '/usr/local/share/polkit-1',
  '/usr/share/polkit-1',
  '/var/lib/polkit-1/localauthority',
]

/** With the modules that PAM loads: whoever replaces one has every password. */
export const pamPlaces = [
  '/etc/pam.conf',
  '/etc/pam.d',
  '/etc/security',
  '/usr/lib/pam.d',
  '/usr/lib/security',
  '/usr/lib64/security',
  `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/security`,
]

export const servicePlaces = [
  '/etc/systemd',
  '/usr/local/lib/systemd',
  '/usr/lib/systemd/system',
  '/usr/lib/systemd/user',
  '/usr/lib/systemd/system-generators',
  '/usr/lib/systemd/user-generators',
  '/etc/init.d',
  ...['0', '1', '2', '3', '4', '5', '6', 'S'].map((level) => `/etc/rc${level}.d`),
  '/etc/rc.local',
  '/etc/inittab',
  '/etc/xinetd.d',
]

export const scheduledPlaces = [
  '/etc/crontab',
  '/etc/anacrontab',
  ...['cron.d', 'cron.hourly', 'cron.daily', 'cron.weekly', 'cron.monthly', 'cron.yearly'].map(
    (folder) => `/etc/${folder}`,
  ),
  ...['cron.allow', 'cron.deny', 'at.allow', 'at.deny'].map((file) => `/etc/${file}`),
  '/var/spool/cron',
  '/var/spool/at',
]

/** Counters and output of jobs, which change by themselves. */
export const notJobs =
  /^\/var\/spool\/(?:cron\/atspool|cron\/atjobs\/\.(?:SEQ|lockfile)|at\/spool|at\/\.SEQ)$/

export const sshPlaces = ['/etc/ssh/sshd_config', '/etc/ssh/sshd_config.d']

export const keyFiles = ['.ssh/authorized_keys', '.ssh/authorized_keys2']
