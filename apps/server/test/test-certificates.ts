import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface TestCertificate {
  readonly certFile: string
  readonly keyFile: string
  readonly cert: string
  readonly key: string
}

/** An authority of its own in `folder`, made by openssl, and what it signs. */
export function testAuthority(folder: string) {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const usage = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=keyCertSign']
  openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test CA', ...usage)
  return {
    file: join(folder, 'ca.pem'),
    pem: readFileSync(join(folder, 'ca.pem'), 'utf8'),
    /** `names` as openssl writes them, such as `DNS:localhost`. */
    certificate(name: string, names: string): TestCertificate {
      const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)]
      const request = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${names}`]
      openssl('req', '-new', ...newKey, '-keyout', keyFile, '-out', `${name}.csr`, ...request)
      const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-copy_extensions', 'copy', '-days', '2']
      openssl('x509', '-req', '-in', `${name}.csr`, ...signer, '-out', certFile)
      return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
    },
  }
}
