#!/usr/bin/env node
/**
 * The executable. It imports nothing of Remora before it has checked Node's version, because everything else needs a newer
 * one and would fail with a message that does not help.
 */
import { basename } from 'node:path'
import type { ProcessIo } from './cli/index.ts'

const MINIMUM: readonly [number, number] = [22, 19]

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < MINIMUM[0] || (major === MINIMUM[0] && minor < MINIMUM[1])) {
  process.stderr.write(
    `remora: Node ${process.versions.node} is too old: ${MINIMUM.join('.')} or newer is needed; ` +
      'after npm ci there is one in node_modules/.bin/node\n',
  )
  process.exitCode = 2
} else {
  const { runCli } = await import('./cli/index.ts')
  // The reader of the output has gone (`remora inject ... | head`), so there is nothing left to report.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  const io: ProcessIo = {
    env: process.env,
    terminal: process.stdout.isTTY,
    ...(process.stdout.isTTY ? { columns: process.stdout.columns } : {}),
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    async readStdin() {
      const chunks: Buffer[] = []
      for await (const chunk of process.stdin) chunks.push(chunk)
      return Buffer.concat(chunks).toString('utf8')
    },
  }
  // kubectl runs `kubectl-remora` for `kubectl remora`, and `kubectl_complete-remora` to complete its arguments.
  const called = basename(process.argv[1] ?? '')
  const args = process.argv.slice(2)
  process.exitCode = await runCli(called.startsWith('kubectl_complete-') ? ['__complete', ...args] : args, io)
}
