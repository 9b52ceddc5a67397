/** A whole server on a folder of manifests, as `remora serve --cluster` starts it, with its log kept. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { readOptions, SERVE_OPTIONS } from '../../src/config/index.ts'
import { createLogger } from '../../src/observe/index.ts'
import { type Running, startRuntime } from '../../src/runtime.ts'
import { ask, type Got } from './harness.ts'

export interface ServedFolder {
  readonly running: Running
  /** The lines of the log, one a decision among them. */
  readonly lines: readonly string[]
  /** One request, on a few connections that are kept. */
  post(path: string, body: string): Promise<Got>
}

/** Serves until the test ends. */
export async function serveFolder(
  t: Test,
  cluster: string,
  options: readonly string[] = [],
): Promise<ServedFolder> {
  const certificates = mkdtempSync(join(tmpdir(), 'remora-test-'))
  const stop = new AbortController()
  const lines: string[] = []
  const fixed = ['--port=0', '--metrics-port=0', '--drain-delay=0', '--cert-dir', certificates]
  const running = await startRuntime({
    options: readOptions(SERVE_OPTIONS, { args: ['--cluster', cluster, ...fixed, ...options], env: {} }),
    logger: createLogger({ level: 'info', write: (line) => lines.push(line) }),
    signal: stop.signal,
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  t.teardown(async () => {
    agent.destroy()
    stop.abort()
    await running.done
    rmSync(certificates, { recursive: true })
  })
  const ca = readFileSync(running.caFile ?? '', 'utf8')
  const port = Number(new URL(running.url).port)
  return { running, lines, post: (path, body) => ask({ port, ca, agent, path, body }) }
}

/** A folder with these objects as one List. */
export function writeCluster(folder: string, items: readonly object[]): string {
  const cluster = join(folder, 'cluster')
  mkdirSync(cluster, { recursive: true })
  writeFileSync(join(cluster, 'all.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  return cluster
}
