/**
 * One of Remora's pods as a process: the production build with the ENTRYPOINT's Node options, the container's own
 * arguments and environment, the ServiceAccount's token, and its volumes as folders. Because processes are not
 * isolated, it listens on 127.0.0.1 with its own ports, and finds the API server through a kubeconfig instead of the
 * mounted account.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { entrypointOptions } from '../../../../scripts/entrypoint-options.ts'
import { freePorts } from '../free-ports.ts'
import { type StartedProcess, startProcess } from '../process.ts'
import type { ClusterApi } from './cluster-api.ts'
import { watchLiveness } from './liveness.ts'
import type { Container, Pod } from './pod.ts'

const READINESS_LIMIT_MS = 1_000
/** Of Kubernetes. */
const GRACE_SECONDS = 30
const TOKEN_SECONDS = 3_600

export interface PodProcess {
  readonly pod: Pod
  readonly process: StartedProcess
  /** Whether the readiness probe succeeds now. */
  probe(): Promise<boolean>
  /** The address of a container's port, by its name or number. */
  portOf(nameOrNumber: string | number): number | undefined
  /** Ends it like the kubelet: preStop, SIGTERM, and SIGKILL after the grace period. */
  end(): Promise<void>
}

export interface PodProcessOptions {
  readonly api: ClusterApi
  readonly pod: Pod
  /** For all pods; each gets a folder in it. */
  readonly folder: string
  readonly logFile: string
  /** The production build's `main.js`: the image's entry point. */
  readonly entryPoint: string
  readonly log: (line: string) => void
  /** Added to the pod's own environment. */
  readonly env?: Readonly<Record<string, string>>
}

export async function startPodProcess(options: PodProcessOptions): Promise<PodProcess> {
  const { api, pod } = options
  const [container] = pod.spec.containers
  const folder = join(options.folder, pod.metadata.uid)
  mkdirSync(folder, { recursive: true })
  const account = await mountAccount(api, pod, folder)
  const mounts = await mountVolumes(api, pod, folder)
  const ports = await choosePorts(container)
  const adapted = (words: readonly string[]) => words.map((word) => adapt(word, mounts, ports))
  const [command = '', ...args] = [
    ...(container.command === undefined
      ? [process.execPath, ...entrypointOptions(), options.entryPoint]
      : adapted(container.command)),
    ...adapted(container.args ?? []),
  ]
  const started = startProcess({
    name: pod.metadata.name,
    command: command === 'node' ? process.execPath : command,
    args,
    logFile: options.logFile,
    inheritEnv: false,
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      KUBECONFIG: account.kubeconfig,
      ...Object.fromEntries(
        (container.env ?? []).map(({ name, value }) => [name, adapt(value ?? '', mounts, ports)]),
      ),
      ...options.env,
      REMORA_TEST_ACCOUNT: account.folder,
    },
    cwd: folder,
  })
  const probed = container.readinessProbe?.httpGet
  const portOf = (nameOrNumber: string | number): number | undefined => {
    const declared = container.ports?.find(
      ({ name, containerPort }) => name === nameOrNumber || containerPort === nameOrNumber,
    )
    return declared === undefined ? undefined : ports.get(declared.containerPort)
  }
  const graceMs = 1_000 * (pod.spec.terminationGracePeriodSeconds ?? GRACE_SECONDS)
  const ending = new AbortController()
  const { httpGet, ...numbers } = container.livenessProbe ?? {}
  if (httpGet !== undefined) {
    const port = portOf(httpGet.port) ?? 0
    void watchLiveness(
      { httpGet, ...numbers },
      {
        signal: ending.signal,
        ask: async (timeoutMs) => {
          // A process that ended is restarted, and watched again.
          if (started.exited) ending.abort()
          return answers(port, httpGet.path, timeoutMs)
        },
        dead(failures) {
          options.log(`${pod.metadata.name}: liveness failed ${failures} times in a row, ended`)
          void started.stop('SIGTERM', graceMs)
        },
      },
    )
  }
  return {
    pod,
    process: started,
    portOf,
    probe: () =>
      probed === undefined
        ? Promise.resolve(false)
        : answers(portOf(probed.port) ?? 0, probed.path, READINESS_LIMIT_MS),
    async end() {
      ending.abort()
      await new Promise((resolve) =>
        setTimeout(resolve, 1_000 * (container.lifecycle?.preStop?.sleep?.seconds ?? 0)),
      )
      await started.stop('SIGTERM', graceMs)
    },
  }
}

/** A token bound to the pod, as in the projected volume, and a kubeconfig that refers to it. */
async function mountAccount(
  api: ClusterApi,
  pod: Pod,
  folder: string,
): Promise<{ folder: string; kubeconfig: string }> {
  const { name, namespace, uid } = pod.metadata
  const answer = await api.send(
    'POST',
    `/api/v1/namespaces/${namespace}/serviceaccounts/${pod.spec.serviceAccountName ?? 'default'}/token`,
    {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        expirationSeconds: TOKEN_SECONDS,
        boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name, uid },
      },
    },
    'application/json',
  )
  // The API server's answer to a TokenRequest.
  const { status } = answer as { status: { token: string } }
  const account = join(folder, 'account')
  mkdirSync(account, { recursive: true })
  writeFileSync(join(account, 'token'), status.token, { mode: 0o600 })
  writeFileSync(join(account, 'ca.crt'), api.certificateAuthority)
  const kubeconfig = join(account, 'kubeconfig')
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'pod',
      contexts: [{ name: 'pod', context: { cluster: 'pod', user: 'pod' } }],
      clusters: [
        {
          name: 'pod',
          cluster: { server: api.server, 'certificate-authority': join(account, 'ca.crt') },
        },
      ],
      // As client-node itself represents a pod's account.
      users: [
        {
          name: 'pod',
          user: {
            'auth-provider': { name: 'tokenFile', config: { tokenFile: join(account, 'token') } },
          },
        },
      ],
    }),
    { mode: 0o600 },
  )
  return { folder: account, kubeconfig }
}

/** Container paths of mounted ConfigMaps, Secrets and emptyDirs, and the folders with their files here. */
async function mountVolumes(
  api: ClusterApi,
  pod: Pod,
  folder: string,
): Promise<readonly (readonly [string, string])[]> {
  const mounts: [string, string][] = []
  for (const { name, mountPath } of pod.spec.containers[0].volumeMounts ?? []) {
    const volume = pod.spec.volumes?.find((candidate) => candidate.name === name)
    const source =
      volume?.configMap !== undefined
        ? `configmaps/${volume.configMap.name}`
        : volume?.secret !== undefined
          ? `secrets/${volume.secret.secretName}`
          : undefined
    const here = join(folder, `volume-${name}`)
    if (volume?.emptyDir !== undefined) {
      mkdirSync(here, { recursive: true })
      mounts.push([mountPath, here])
    }
    if (source === undefined) continue
    const path = `/api/v1/namespaces/${pod.metadata.namespace}/${source}`
    // Both kinds have their files under `data`, a Secret's in base64.
    const { data = {} } = (await api.get(path)) as { data?: Record<string, string> }
    mkdirSync(here, { recursive: true })
    for (const [file, text] of Object.entries(data))
      writeFileSync(join(here, file), volume?.secret === undefined ? text : Buffer.from(text, 'base64'))
    mounts.push([mountPath, here])
  }
  return mounts
}

async function choosePorts(container: Container): Promise<ReadonlyMap<number, number>> {
  const declared = (container.ports ?? []).map(({ containerPort }) => containerPort)
  const free = await freePorts(declared.length)
  return new Map(declared.map((port, index) => [port, free[index] ?? 0]))
}

/** Replaces mounts and paths below them, the address to listen on, and the declared container ports; nothing else. */
function adapt(
  word: string,
  mounts: readonly (readonly [string, string])[],
  ports: ReadonlyMap<number, number>,
): string {
  if (word.startsWith('--host=')) return '--host=127.0.0.1'
  const port = /^(--[a-z-]*port=)(\d+)$/.exec(word)
  if (port?.[1] !== undefined) return `${port[1]}${ports.get(Number(port[2])) ?? port[2]}`
  for (const [there, here] of mounts) {
    const at = word.indexOf(there)
    const after = word[at + there.length]
    if ((at === 0 || word[at - 1] === '=') && (after === undefined || after === '/'))
      return word.slice(0, at) + here + word.slice(at + there.length)
  }
  return word
}

function answers(port: number, path: string, timeout: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const asked = get({ host: '127.0.0.1', port, path, agent: false, timeout }, (response) => {
    response.resume()
    resolve(response.statusCode === 200)
  })
  asked.on('timeout', () => asked.destroy())
  asked.on('error', () => resolve(false))
  asked.on('close', () => resolve(false))
  return promise
}
