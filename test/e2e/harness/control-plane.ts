/**
 * A real etcd, kube-apiserver and kube-controller-manager on 127.0.0.1, in a scratch folder of their own. Service
 * addresses come out of 127.0.0.0/8, so a webhook that is called by `clientConfig.service` is reached by binding its
 * ClusterIP: admission takes the same path as in production, without kube-proxy. Each control plane draws a range of its
 * own, because two may run at once.
 */
import { generateKeyPairSync, randomBytes, randomInt } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IssuedPair } from '../../../src/certs/index.ts'
import { issueAuthority, issueServing } from '../../../src/certs/issue.ts'
import type { Binaries } from './binaries.ts'
import { freePorts } from './free-ports.ts'
import { Kubectl } from './kubectl.ts'
import { type StartedProcess, startProcess, waitFor } from './process.ts'

const DAY_MS = 24 * 3_600_000

export interface ControlPlane {
  readonly folder: string
  readonly url: string
  readonly caFile: string
  /** As cluster-admin. */
  readonly kubeconfig: string
  readonly kubectl: Kubectl
  readonly binaries: Binaries
  /** Stops kube-apiserver and starts it again on the same port, with the same data. */
  restartApiServer(downForMs?: number): Promise<void>
  auditEvents(): string
  stop(): Promise<void>
}

export interface ControlPlaneOptions {
  /** Appended to the arguments of kube-apiserver. */
  readonly apiServerArgs?: readonly string[]
  /** Added to its environment. */
  readonly apiServerEnv?: NodeJS.ProcessEnv
}

export async function startControlPlane(
  binaries: Binaries,
  options: ControlPlaneOptions = {},
): Promise<ControlPlane> {
  const folder = mkdtempSync(join(tmpdir(), 'remora-e2e-'))
  // Also where a suite ends without stopping it.
  process.once('exit', () => {
    if (process.env['REMORA_E2E_KEEP'] === undefined)
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  })
  const [etcdPort, peerPort, apiPort, managerPort] = await freePorts(4)
  const url = `https://127.0.0.1:${apiPort}`
  const serviceNet = `127.${randomInt(10, 250)}`
  const serviceRange = `--service-cluster-ip-range=${serviceNet}.0.0/16`
  const file = (name: string, content: string): string => {
    const path = join(folder, name)
    writeFileSync(path, content, { mode: 0o600 })
    return path
  }
  mkdirSync(join(folder, 'logs'))

  const validity = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) }
  const authority = issueAuthority({ commonName: 'remora-e2e-ca', ...validity })
  const serving = issueServing(authority, {
    commonName: 'kube-apiserver',
    names: [
      '127.0.0.1',
      `${serviceNet}.0.1`,
      'localhost',
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
    ],
    ...validity,
  })
  const accounts = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const caFile = file('ca.crt', authority.certificate)
  const accountKey = file('sa.key', accounts.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString())
  const accountPublic = file('sa.pub', accounts.publicKey.export({ type: 'spki', format: 'pem' }).toString())
  const audit = file(
    'audit.yaml',
    'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Metadata\n  verbs: [create, update, patch]\n- level: None\n',
  )
  const tokens = { admin: randomBytes(16).toString('hex'), manager: randomBytes(16).toString('hex') }
  const tokenFile = file(
    'tokens.csv',
    `${tokens.admin},remora-e2e,1,"system:masters"\n${tokens.manager},system:kube-controller-manager,2\n`,
  )
  const admin = file('admin.kubeconfig', kubeconfig(url, authority, tokens.admin))
  const manager = file('manager.kubeconfig', kubeconfig(url, authority, tokens.manager))

  const run = (
    name: string,
    command: string,
    args: readonly string[],
    env?: NodeJS.ProcessEnv,
  ): StartedProcess =>
    startProcess({
      name,
      command,
      args,
      logFile: join(folder, 'logs', `${name}.log`),
      env: { no_proxy: '127.0.0.1,localhost', ...env },
    })

  const etcd = run('etcd', binaries.etcd, [
    ...['--data-dir', join(folder, 'etcd'), '--unsafe-no-fsync', '--log-level', 'warn'],
    ...[
      '--listen-client-urls',
      `http://127.0.0.1:${etcdPort}`,
      '--advertise-client-urls',
      `http://127.0.0.1:${etcdPort}`,
    ],
    ...[
      '--listen-peer-urls',
      `http://127.0.0.1:${peerPort}`,
      '--initial-advertise-peer-urls',
      `http://127.0.0.1:${peerPort}`,
    ],
    ...['--initial-cluster', `default=http://127.0.0.1:${peerPort}`],
  ])
  const apiServerArgs = [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    ...['--bind-address=127.0.0.1', `--secure-port=${apiPort}`, '--advertise-address=127.0.0.1'],
    ...['--endpoint-reconciler-type=none', '--authorization-mode=RBAC', '--allow-privileged=true'],
    `--tls-cert-file=${file('apiserver.crt', serving.certificate)}`,
    `--tls-private-key-file=${file('apiserver.key', serving.key)}`,
    ...[`--token-auth-file=${tokenFile}`, '--service-account-issuer=https://kubernetes.default.svc'],
    ...[`--service-account-key-file=${accountPublic}`, `--service-account-signing-key-file=${accountKey}`],
    serviceRange,
    ...[`--audit-policy-file=${audit}`, `--audit-log-path=${join(folder, 'audit.log')}`],
    ...(options.apiServerArgs ?? []),
  ]
  const startApiServer = () => run('kube-apiserver', binaries.apiServer, apiServerArgs, options.apiServerEnv)
  let apiServer = startApiServer()
  const kubectl = new Kubectl(binaries.kubectl, admin)
  const ready = () =>
    waitFor(
      'kube-apiserver to be ready',
      () => {
        if (apiServer.exited) throw new Error(apiServer.output().slice(-2_000))
        return kubectl.try('get', '--raw', '/readyz').status === 0 ? true : undefined
      },
      60_000,
    )
  await ready()
  const controllerManager = run('kube-controller-manager', binaries.controllerManager, [
    ...[
      `--kubeconfig=${manager}`,
      '--leader-elect=false',
      '--bind-address=127.0.0.1',
      `--secure-port=${managerPort}`,
    ],
    ...[
      '--use-service-account-credentials=true',
      `--service-account-private-key-file=${accountKey}`,
      `--root-ca-file=${caFile}`,
    ],
    // The default of 20 requests a second delays the first ServiceAccounts by five seconds.
    ...[serviceRange, '--kube-api-qps=500', '--kube-api-burst=1000'],
  ])
  await waitFor('the default ServiceAccount', () =>
    kubectl.try('get', 'serviceaccount', 'default', '-n', 'default').status === 0 ? true : undefined,
  )
  return {
    folder,
    url,
    caFile,
    kubectl,
    binaries,
    kubeconfig: admin,
    async restartApiServer(downForMs = 0) {
      // Its own graceful end waits for open watches; an outage does not.
      await apiServer.stop('SIGKILL')
      await new Promise((resolve) => setTimeout(resolve, downForMs))
      apiServer = startApiServer()
      await ready()
    },
    auditEvents: () => readFileSync(join(folder, 'audit.log'), 'utf8'),
    async stop() {
      for (const started of [controllerManager, apiServer, etcd]) await started.stop()
    },
  }
}

function kubeconfig(url: string, authority: IssuedPair, token: string): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'e2e',
    contexts: [{ name: 'e2e', context: { cluster: 'e2e', user: 'e2e' } }],
    clusters: [
      { name: 'e2e', cluster: { server: url, 'certificate-authority-data': base64(authority.certificate) } },
    ],
    users: [{ name: 'e2e', user: { token } }],
  })
}
