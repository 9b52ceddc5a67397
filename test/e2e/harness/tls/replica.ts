/** Servers with a shared CA, run as the chart runs them, and the queries of a test to them. */
import type { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { type Agent, request } from 'node:https'
import { join } from 'node:path'
import { entrypointOptions } from '../../../../scripts/entrypoint-options.ts'
import { askAdmin } from '../../../../src/admin/index.ts'
import type { ControlPlane } from '../control-plane.ts'
import { freePorts } from '../free-ports.ts'
import { type StartedProcess, startProcess, waitFor } from '../process.ts'
import { CONFIGURATION, LATER, NAMESPACE, SECRET, SERVICE } from './objects.ts'

const cluster = new URL('../../../../examples/canary-upgrade/cluster', import.meta.url).pathname

export function accountKubeconfig({ kubectl, folder }: ControlPlane): string {
  const token = kubectl.run('create', 'token', 'remora', '-n', NAMESPACE, '--duration=1h')
  const path = join(folder, 'remora.kubeconfig')
  const config = JSON.parse(kubectl.run('config', 'view', '--raw', '-o', 'json')) as { users: object[] }
  writeFileSync(path, JSON.stringify({ ...config, users: [{ name: 'e2e', user: { token: token.trim() } }] }))
  return path
}

export interface Replica {
  readonly process: StartedProcess
  readonly port: number
  readonly healthPort: number
  readonly adminSocket: string
}

export interface ReplicaOptions {
  readonly name: string
  /** The control plane's: logs go there. */
  readonly folder: string
  readonly main: string
  readonly kubeconfig: string
  /** Where certificate and caBundles come from; default: the shared CA. */
  readonly identity?: readonly string[]
  readonly more?: readonly string[]
}

const SHARED_CA = [
  ...['--tls=self', `--tls-secret=${NAMESPACE}/${SECRET}`, `--service-name=${NAMESPACE}/${SERVICE}`],
  `--webhook-configurations=${CONFIGURATION},${LATER}`,
]

export async function startReplica({
  name,
  folder,
  main,
  kubeconfig,
  identity = SHARED_CA,
  more = [],
}: ReplicaOptions): Promise<Replica> {
  const [port = 0, healthPort = 0] = await freePorts(2)
  const adminSocket = join(folder, `${name}.sock`)
  const started = startProcess({
    name,
    command: process.execPath,
    args: [
      ...[
        ...entrypointOptions(),
        main,
        'serve',
        `--cluster=${cluster}`,
        `--port=${port}`,
        `--metrics-port=${healthPort}`,
        `--admin-socket=${adminSocket}`,
      ],
      ...[...identity, '--drain-delay=0', ...more],
    ],
    logFile: join(folder, 'logs', `${name}.log`),
    env: { KUBECONFIG: kubeconfig, no_proxy: '127.0.0.1' },
  })
  return { process: started, port, healthPort, adminSocket }
}

export interface ReadyBody {
  readonly reason?: string
  readonly problems: readonly { readonly code: string }[]
  readonly certificate: { readonly notAfter?: string; readonly problem?: string }
  readonly webhookConfigurations: readonly { readonly name: string; readonly state: string }[]
}

/** Whether it is ready, as /readyz reports, and its state, as `remora status` reads it. */
export async function readyz({
  healthPort,
  adminSocket,
}: Replica): Promise<{ readonly ok: boolean; readonly body: ReadyBody }> {
  const response = await fetch(`http://127.0.0.1:${healthPort}/readyz`)
  await response.body?.cancel()
  // What the server's own readiness.ts writes.
  const body = (await askAdmin(adminSocket, { about: 'server' })) as unknown as ReadyBody
  return { ok: response.ok, body }
}

export const ready = (replica: Replica, limitMs = 30_000) =>
  waitFor(
    'a replica to be ready',
    async () => {
      if (replica.process.exited) throw new Error(replica.process.output())
      return (await readyz(replica)).ok || undefined
    },
    limitMs,
  )

interface Answer {
  readonly status: number
  readonly serial: string
}

/** One review, sent as the API server does; verified by the shared CA and the Service's name. */
export function ask(port: number, ca: string, agent: Agent): Promise<Answer> {
  const body = JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      namespace: 'test-ns',
      operation: 'CREATE',
      object: { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'c' }] } },
    },
  })
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...{ host: '127.0.0.1', port, ca, agent, servername: `${SERVICE}.${NAMESPACE}.svc` },
        ...{
          method: 'POST',
          path: '/revisions/default/inject',
          headers: { 'content-type': 'application/json' },
        },
      },
      (response) => {
        const { socket } = response
        const serial = 'getPeerX509Certificate' in socket ? serialOf(socket) : ''
        response
          .resume()
          .on('end', () => resolve({ status: response.statusCode ?? 0, serial }))
          .on('error', reject)
      },
    )
    sent.on('error', reject).end(body)
  })
}

function serialOf(socket: object): string {
  // An HTTPS response's socket is a TLSSocket.
  return (
    (socket as { getPeerX509Certificate(): X509Certificate | undefined }).getPeerX509Certificate()
      ?.serialNumber ?? ''
  )
}
