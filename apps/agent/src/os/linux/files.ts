import { chmod, chown, mkdir, open, readdir, readFile, rename, rm, unlink } from 'node:fs/promises'
import { basename, dirname } from 'node:path'

/** `null` when there is no such file; every other failure is thrown. */
export async function readIfThere(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(nullIfMissing)
}

export async function listIfThere(path: string): Promise<readonly string[]> {
  return (await readdir(path).catch(nullIfMissing)) ?? []
}

/** Answers whether there was something to remove. */
export async function removeIfThere(path: string): Promise<boolean> {
  return (await unlink(path).then(() => true, nullIfMissing)) ?? false
}

/** Makes the folder with exactly this mode, owned by root, whatever the umask and whatever was there. */
export async function makeDir(path: string, mode: number): Promise<void> {
  await mkdir(path, { recursive: true, mode })
  await chown(path, 0, 0)
  await chmod(path, mode)
}

/**
 * Puts a file, root's unless said otherwise, in place at once: readers see the old content or the new, never a part.
 * `check` sees the path of the finished file before it takes effect and may throw to stop it.
 * The temporary name holds a dot, which sudo, PAM and polkit all pass over.
 */
export async function putFile(
  path: string,
  content: string | Uint8Array,
  mode: number,
  check: (draftPath: string) => Promise<void> = async () => undefined,
  owner: { readonly uid: number; readonly gid: number } = { uid: 0, gid: 0 },
): Promise<void> {
  const draft = `${dirname(path)}/.${basename(path)}.${process.pid}.new`
  await rm(draft, { force: true })
  try {
    const file = await open(draft, 'wx', mode)
    try {
      await file.writeFile(content)
      await file.chown(owner.uid, owner.gid)
      await file.chmod(mode)
      await file.sync()
    } finally {
      await file.close()
    }
    await check(draft)
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** As `putFile`, but leaves a file alone that already says the same. */
export async function keepFile(path: string, content: string, mode: number): Promise<void> {
  if ((await readIfThere(path)) === content) await chmod(path, mode)
  else await putFile(path, content, mode)
}

function nullIfMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
  throw error
}
