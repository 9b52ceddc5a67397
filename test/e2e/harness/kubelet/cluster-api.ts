/** The few requests to the API server that the simulated kubelet and kube-proxy need, as cluster-admin. */
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'

export interface KubeObject {
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly uid: string
    readonly labels?: Readonly<Record<string, string>>
    readonly deletionTimestamp?: string
  }
}

interface Kubeconfig {
  readonly clusters: readonly [
    { readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string } },
  ]
  readonly users: readonly [{ readonly user: { readonly token: string } }]
}

const LIMIT_MS = 10_000

export class ClusterApi {
  readonly server: string
  readonly certificateAuthority: string
  readonly #token: string
  readonly #agent: Agent

  /** From the harness's own kubeconfig, which is JSON. */
  constructor(kubeconfigFile: string) {
    // The harness wrote it in this form.
    const config = JSON.parse(readFileSync(kubeconfigFile, 'utf8')) as Kubeconfig
    const [{ cluster }] = config.clusters
    this.server = cluster.server
    this.certificateAuthority = Buffer.from(cluster['certificate-authority-data'], 'base64').toString()
    this.#token = config.users[0].user.token
    this.#agent = new Agent({ keepAlive: true, ca: this.certificateAuthority })
  }

  /** All objects of a kind, from the API server's own cache. */
  async list<T extends KubeObject>(path: string): Promise<readonly T[]> {
    // The caller names the type of the kind that it requests.
    const { items } = (await this.send('GET', `${path}?resourceVersion=0`)) as { items: readonly T[] }
    return items
  }

  get(path: string): Promise<unknown> {
    return this.send('GET', path)
  }

  /** Rejects with the API server's own words where the answer is none of 2xx. */
  send(
    method: string,
    path: string,
    body?: object,
    contentType = 'application/merge-patch+json',
  ): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const headers = { authorization: `Bearer ${this.#token}`, 'content-type': contentType }
    const sent = request(
      new URL(path, this.server),
      { method, headers, agent: this.#agent, timeout: LIMIT_MS },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const status = response.statusCode ?? 0
          if (status >= 200 && status < 300) resolve(JSON.parse(text))
          else reject(new Error(`${method} ${path}: ${status} ${text.slice(0, 300)}`))
        })
      },
    )
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer`)))
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
    return promise
  }
}
