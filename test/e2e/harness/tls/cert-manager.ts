/**
 * Simulates cert-manager, its CA injector and the kubelet. It issues what the chart's Certificate requests (with the
 * chart's CA, or self-signed like earlier charts) and writes each result into the folder that replaces a replica's
 * mounted Secret: at once for the first replica, later for the others, as nodes do.
 */
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { issueAuthority, issueServing } from '../../../../src/certs/issue.ts'

const DAY_MS = 86_400_000

export class CertManager {
  readonly #folder: string
  readonly #name: string
  #authority = newAuthority()
  #issues = 0

  /** @param name the DNS name of the Service */
  constructor(folder: string, name: string) {
    this.#folder = folder
    this.#name = name
  }

  /** The folder of a replica's Secret. */
  mountOf(replica: number): string {
    return join(this.#folder, `mount-${replica}`)
  }

  /** The CA that signs, PEM. */
  get authority(): string {
    return this.#authority.certificate
  }

  /** Renews the CA's Certificate like cert-manager, with a new key. */
  renewAuthority(): void {
    this.#authority = newAuthority()
  }

  /** Issues a serving certificate; the replicas get it with that delay between them. */
  async issue(replicas: number, lagMs: number): Promise<void> {
    const pair = issueServing(this.#authority, {
      commonName: this.#name,
      names: [this.#name],
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + 90 * DAY_MS),
    })
    this.#issues += 1
    for (let replica = 0; replica < replicas; replica++) {
      if (replica > 0) await sleep(lagMs)
      this.#mount(replica, { ...pair, ca: this.#authority.certificate })
    }
  }

  /** A new folder for the data, and one link that is switched to it, so that all files change at once. */
  #mount(replica: number, { certificate, key, ca }: { certificate: string; key: string; ca: string }): void {
    const mount = this.mountOf(replica)
    const data = join(mount, `data-${this.#issues}`)
    mkdirSync(data, { recursive: true })
    writeFileSync(join(data, 'tls.crt'), certificate)
    writeFileSync(join(data, 'tls.key'), key)
    writeFileSync(join(data, 'ca.crt'), ca)
    symlinkSync(data, join(mount, 'data.next'))
    renameSync(join(mount, 'data.next'), join(mount, 'data'))
  }
}

function newAuthority() {
  return issueAuthority({
    commonName: 'remora-ca',
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 3650 * DAY_MS),
  })
}
