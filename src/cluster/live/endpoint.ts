/**
 * The address of the API server and the credentials for it, from the kubeconfig or the pod's ServiceAccount, read by
 * @kubernetes/client-node. Only this file loads that package, and only for a live cluster (80 MiB).
 */

import { createHash } from 'node:crypto'
import http from 'node:http'
import https from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import { RemoraError } from '../../errors.ts'
import { didYouMean } from '../../nearest-name.ts'
import { describeSystemError } from '../../system-error.ts'
import { quoteText, visibleText } from '../../visible-text.ts'

/** The data for one request. */
export interface Endpoint {
  /** `https://10.96.0.1:443`, possibly with a path. */
  readonly server: URL
  readonly headers: Readonly<Record<string, string>>
  readonly agent: http.Agent
}

export interface EndpointSource {
  /** The current value: tokens are read again as they expire. @throws RemoraError `cluster-live-unconfigured` */
  current(): Promise<Endpoint>
  /** The server rejected the credentials of `current`, or presented another certificate: read everything again. */
  renew(): void
  close(): void
}

/** TCP keep-alive detects a lost peer while a watch is idle. */
const KEEP_ALIVE_MS = 30_000
/** One connection for each watch, and some for the namespaces that reviews wait for. */
const MAX_SOCKETS = 64

/** As kubectl's options of these names. */
export interface KubeConfigChoice {
  /** A file; undefined: `$KUBECONFIG` or `~/.kube/config`. */
  readonly kubeconfig?: string | undefined
  /** undefined: the current one. */
  readonly context?: string | undefined
}

interface EndpointSettings {
  readonly maxSockets?: number
  readonly choice?: KubeConfigChoice | undefined
}

/** Reads the configuration like kubectl: `$KUBECONFIG`, `~/.kube/config`, and then the ServiceAccount of the pod. */
export class KubeConfigEndpoint implements EndpointSource {
  #config: KubeConfig | undefined
  #agent: http.Agent | undefined
  /** Identifies the configuration of the agent. */
  #agentKey = ''
  readonly #maxSockets: number

  readonly #choice: KubeConfigChoice

  /** @param settings `maxSockets` is larger if there are more watches than kinds */
  constructor({ maxSockets = MAX_SOCKETS, choice = {} }: EndpointSettings = {}) {
    this.#maxSockets = maxSockets
    this.#choice = choice
  }

  async current(): Promise<Endpoint> {
    try {
      return await this.#read()
    } catch (error) {
      if (error instanceof RemoraError) throw error
      const path = error instanceof Error && 'path' in error ? `${String(error.path)}: ` : ''
      const why = `${path}${describeSystemError(error)}`
      throw unconfigured(`the configuration for the cluster cannot be read: ${why}`, error)
    }
  }

  renew(): void {
    this.#config = undefined
  }

  close(): void {
    this.#agent?.destroy()
    this.#agent = undefined
    this.#agentKey = ''
  }

  async #read(): Promise<Endpoint> {
    this.#config ??= await loadKubeConfig(this.#choice)
    const config = this.#config
    const cluster = config.getCurrentCluster()
    if (cluster === null) throw unconfigured('the kubeconfig has no current context')
    const options: https.RequestOptions = {}
    await config.applyToHTTPSOptions(options)
    const headers: Record<string, string> = {}
    for (const [name, value] of Object.entries(options.headers ?? {})) {
      if (value !== undefined) headers[name] = String(value)
    }
    if (typeof options.auth === 'string')
      headers['Authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`
    const server = new URL(cluster.server)
    // For a proxy, client-node makes the agent. Otherwise this one keeps connections and follows a new CA.
    const proxied = cluster.proxyUrl !== undefined && cluster.proxyUrl !== ''
    const agent =
      proxied && options.agent instanceof http.Agent ? options.agent : this.#agentFor(server, options)
    return { server, headers, agent }
  }

  #agentFor(
    server: URL,
    { ca, cert, key, rejectUnauthorized, servername }: https.RequestOptions,
  ): http.Agent {
    const made = [server.href, ca, cert, key, rejectUnauthorized, servername].map(String)
    const agentKey = createHash('sha256').update(JSON.stringify(made)).digest('hex')
    if (this.#agent !== undefined && this.#agentKey === agentKey) return this.#agent
    const shared = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MS, maxSockets: this.#maxSockets }
    // Requests on the old agent continue until they end.
    this.#agent =
      server.protocol === 'http:'
        ? new http.Agent(shared)
        : new https.Agent({ ...shared, ...defined({ ca, cert, key, rejectUnauthorized, servername }) })
    this.#agentKey = agentKey
    return this.#agent
  }
}

/** The names of the contexts that a kubeconfig has. */
export async function readContexts(kubeconfig: string | undefined): Promise<readonly string[]> {
  return (await loadFile(kubeconfig)).getContexts().map(({ name }) => name)
}

async function loadFile(kubeconfig: string | undefined): Promise<KubeConfig> {
  const { KubeConfig: Config } = await import('@kubernetes/client-node')
  const config = new Config()
  try {
    if (kubeconfig === undefined) config.loadFromDefault()
    else config.loadFromFile(kubeconfig)
  } catch (error) {
    if (kubeconfig === undefined || !(error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      throw error
    throw unconfigured(`--kubeconfig ${visibleText(kubeconfig)}: there is no such file`, error)
  }
  return config
}

async function loadKubeConfig({ kubeconfig, context }: KubeConfigChoice): Promise<KubeConfig> {
  const config = await loadFile(kubeconfig)
  if (context !== undefined) {
    const known = config.getContexts().map(({ name }) => name)
    if (!known.includes(context))
      throw unconfigured(
        `the kubeconfig has no context ${quoteText(context)}; known: ${known.join(', ') || 'none'}${didYouMean(context, known)}`,
      )
    config.setCurrentContext(context)
  }
  // The fallback of client-node if it finds no configuration.
  if (config.getCurrentCluster()?.server === 'http://localhost:8080') {
    throw unconfigured('there is neither a kubeconfig nor a ServiceAccount of a pod')
  }
  return config
}

function unconfigured(problem: string, cause?: unknown): RemoraError {
  return new RemoraError(
    'cluster-live-unconfigured',
    `${problem}; --cluster live uses the configuration of kubectl ($KUBECONFIG, ~/.kube/config), or the ServiceAccount token of the pod that it runs in; --cluster DIR reads a folder of manifests instead`,
    { cause },
  )
}

function defined<T extends object>(options: T): T {
  // Removing keys without a value does not change the type, because they are optional.
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
}
