/** Assembles a running server: its parts, the order in which they start and stop, and the conditions for readiness. */
import { readFileSync } from 'node:fs'
import type { AddressInfo, Server } from 'node:net'
import { type Cluster, createCluster } from './cluster/index.ts'
import { injectOptionsOf, OptionError, type ServeOptions } from './config/index.ts'
import { injectInSteps } from './inject/index.ts'
import { createConnectionLog, createMetrics, type Logger } from './observe/index.ts'
import {
  AnswerCache,
  cacheShares,
  createHealthApp,
  createLastGood,
  createRecorder,
  createReviewHandler,
  createServingIdentity,
  createWebhookApp,
  describeReadiness,
  drain,
  listenOn,
  logLateCertificates,
  measuredCaches,
  measuredParts,
  openAdminSockets,
  type Repeated,
  ServeFindings,
  type WebhookApp,
} from './server/index.ts'

export interface RuntimeOptions {
  readonly options: ServeOptions
  readonly logger: Logger
  /** Aborting it starts the orderly shutdown. */
  readonly signal: AbortSignal
  /** Used instead of the one that `options.cluster` names; for tests. */
  readonly cluster?: Cluster
}

export interface Running {
  /** `https://127.0.0.1:9443`. */
  readonly url: string
  readonly healthUrl: string
  /** The socket that `remora status` uses. */
  readonly adminSocket: string | undefined
  /** The CA for verifying the server, if its certificates are development ones. */
  readonly caFile: string | undefined
  readonly cluster: Cluster
  /** Resolves when the server has drained and everything is closed. */
  readonly done: Promise<void>
}

/**
 * Starts probes, caBundles, certificates, the listener and the cluster, in this order: probes answer from the
 * beginning, and reviews before the first sync are faults, which the API server retries.
 * @throws RemoraError if an option, a certificate or the cluster's folder is invalid, or a port is in use; whatever has
 * started is closed again.
 */
export async function startRuntime({
  options,
  logger,
  signal,
  cluster: given,
}: RuntimeOptions): Promise<Running> {
  checkTogether(options)
  const shares = cacheShares(options['cache-bytes'])
  const cluster = given ?? createCluster(options, { cacheBytes: shares.injection })
  const stopped = new AbortController()
  const closing: (() => Promise<unknown>)[] = []
  let app: WebhookApp | undefined
  const closeAll = async (): Promise<void> => {
    stopped.abort()
    for (const close of closing.toReversed()) await close()
  }
  try {
    const { certificates, caFile, caBundles } = createServingIdentity(options, logger, () =>
      metrics.countCaBundleWrite(),
    )
    const answerCache = shares.answers === 0 ? undefined : new AnswerCache<Repeated>(shares.answers)
    const version = remoraVersion()
    const lastGood = createLastGood(options, { cluster, logger, version })
    const injectOptions = injectOptionsOf(options, shares.injection)
    const findings = new ServeFindings({
      cluster,
      inject: injectOptions,
      onDefect: (error) => logger.error({ error }, 'internal error in a finding rule'),
    })
    closing.push(() => findings.close())
    const metrics = createMetrics({
      ...measuredParts({ cluster, certificates, caBundles, lastGood }),
      ...measuredCaches(cluster, shares, answerCache),
      version,
      findings: () => findings.counts(),
      inFlightRequests: () => app?.inFlight ?? 0,
      inFlightBytes: () => app?.bufferedBytes ?? 0,
      connections: () => app?.connections,
      capture: () => recorder,
    })
    closing.push(async () => metrics.close())
    const recorder = createRecorder(options, { logger, version, inject: injectOptions })
    if (recorder !== undefined) {
      closing.push(() => recorder.close())
      await recorder.start()
    }
    const state = () =>
      describeReadiness({
        version,
        cluster,
        certificates,
        caBundles,
        lastGood,
        findings,
        stopping: signal.aborted,
      })
    const health = createHealthApp(state, metrics)
    closing.push(() => health.close())
    await listenOn(health, options, 'metrics-port')
    const metricsPort = portOf(health.server)
    const admin = await openAdminSockets({
      path: options['admin-socket'],
      metricsPort,
      state,
      recorder,
      logger,
    })
    closing.push(() => admin.close())

    // Before the certificates: a replica without a CA looks for the one in the caBundles.
    if (caBundles !== undefined) {
      closing.push(() => caBundles.close())
      await caBundles.start(stopped.signal)
    }
    closing.push(() => certificates.close())
    await Promise.race([certificates.start(stopped.signal), untilAborted(signal)])
    const connectionLog = createConnectionLog(logger)
    closing.push(async () => connectionLog.close())
    const webhook = createWebhookApp({
      handler: createReviewHandler({
        cluster,
        logger,
        metrics,
        warnings: options.warnings === 'on',
        maxStoredBytes: options['etcd-max-request-bytes'],
        recorder,
        answerCache,
        injectInSteps: (request, snapshot) => injectInSteps(request, snapshot, injectOptions),
      }),
      pair: certificates.current(),
      limits: {
        maxBodyBytes: options['max-body-bytes'],
        maxBufferedBytes: options['max-buffered-bytes'],
        maxConnections: options['max-connections'],
        keepAliveTimeoutMs: options['keep-alive-timeout'],
        requestTimeoutMs: options['request-timeout'],
        headerTimeoutMs: options['header-timeout'],
        handshakeTimeoutMs: options['handshake-timeout'],
      },
      onDefect: (error) => logger.error({ error }, 'internal error while handling a request'),
      onDisplacedConnection: () => metrics.countDisplacedConnection(),
      onConnectionEnd: connectionLog,
    })
    app = webhook
    certificates.onEvent((event) => {
      if (event.kind === 'swapped') webhook.swap(event.pair)
    })
    closing.push(() => webhook.close())
    await listenOn(webhook, options, 'port')
    const late = logLateCertificates(certificates, logger)
    closing.push(async () => late.close())

    closing.push(() => cluster.close())
    cluster.onChange(({ appeared, resolved, reload }) => {
      metrics.noteRevisions()
      findings.refresh()
      if (reload !== undefined) logger.info(reload, 'cluster changed')
      for (const { code, message } of appeared) logger.warn({ code, problem: message }, 'problem')
      for (const { code, message } of resolved) logger.info({ code, problem: message }, 'problem resolved')
    })
    if (lastGood !== undefined) {
      closing.push(() => lastGood.close())
      lastGood.start(signal)
    }
    // The API server may be unavailable for long; a request to stop ends the wait.
    await Promise.race([cluster.start(stopped.signal), untilAborted(signal)])
    if (!cluster.synced) signal.throwIfAborted()
    findings.refresh()
    for (const { code, message } of cluster.status().problems)
      logger.debug({ code, problem: message }, 'known problem')

    const url = urlOf('https', options.host, webhook.server)
    const healthUrl = urlOf('http', options.host, health.server)
    const revisions = [...cluster.snapshot().revisions.keys()]
    logger.info({ url, health: healthUrl, admin: admin.path, revisions }, 'serving')
    const times = { drainDelayMs: options['drain-delay'], drainTimeoutMs: options['drain-timeout'] }
    const done = untilAborted(signal)
      .then(() => drain(webhook, times))
      .finally(closeAll)
    return { url, healthUrl, adminSocket: admin.path, caFile, cluster, done }
  } catch (error) {
    await closeAll()
    throw error
  }
}

/** The version in package.json, which is next to `src` and `dist`. */
export function remoraVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const found =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : ''
  return String(found)
}

function checkTogether(options: ServeOptions): void {
  if (options['max-buffered-bytes'] < options['max-body-bytes'] * 1.1) {
    throw new OptionError(
      'option-invalid',
      '--max-buffered-bytes must be at least a tenth larger than --max-body-bytes, or the largest review never fits',
    )
  }
  if (options.port !== 0 && options.port === options['metrics-port']) {
    throw new OptionError(
      'option-invalid',
      `--port and --metrics-port are both ${options.port}: use different ports (0 selects a free port)`,
    )
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

function portOf(server: Server): number {
  // It listens on an address and port, so it is not a pipe's name.
  return (server.address() as AddressInfo).port
}

function urlOf(scheme: string, host: string, server: Server): string {
  const shown = isWildcard(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `${scheme}://${shown}:${portOf(server)}`
}
